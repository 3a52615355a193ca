/** Repeats an expectation until it holds, with a pause in between; after `milliseconds` its last complaint is the test's. */
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
