/** Repeats an expectation until it holds; after `milliseconds` its last complaint is the test's. */
export async function eventually(expectation: () => Promise<void> | void, milliseconds = 30_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
