import { exitCodeWords } from "../../../cli/process/exit-code-words";

test.each([
  [78, false, "exit code 78: its configuration or its image is wrong and has to be corrected"],
  [69, false, "exit code 69: a service it needs stayed unreachable"],
  [137, false, "exit code 137: it was killed (SIGKILL)"],
  [137, true, "exit code 137: it used more memory than its limit and was killed"],
  [143, false, "exit code 143: it was ended by SIGTERM"],
  [139, false, "exit code 139: it was ended by SIGSEGV"],
  [127, false, "exit code 127: its command was not found"],
  [0, false, "exit code 0: it ended, although it should stay up"],
  [1, false, "exit code 1: it failed"],
])("%i, out of memory %s", (code, outOfMemory, words) => {
  expect(exitCodeWords(code, outOfMemory)).toBe(words);
});
