/** Repeats an expectation, with pauses, until it holds; after `milliseconds` it throws the expectation's last error. */
export async function eventually<T>(expectation: () => Promise<T> | T, milliseconds = 30_000, pause = 50): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
