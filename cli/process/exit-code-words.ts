import { constants } from "node:os";
import { ExitCode } from "../../runtime/contract";

/** The meaning of a container's exit code, as text. */
export function exitCodeWords(code: number, outOfMemory: boolean): string {
  if (outOfMemory) return `exit code ${code}: it used more memory than its limit and was killed`;
  return `exit code ${code}: ${MEANINGS[code] ?? signalWords(code) ?? "it failed"}`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  0: "it ended, although it should stay up",
  125: "the engine could not start it",
  126: "its command cannot be executed",
  127: "its command was not found",
  [ExitCode.DATA]: "its input is invalid",
  [ExitCode.UNAVAILABLE]: "a service it needs stayed unreachable",
  [ExitCode.TEMPORARY]: "a service it needs became unreachable",
  [ExitCode.CONFIGURATION]: "its configuration or its image is wrong and has to be corrected",
  137: "it was killed (SIGKILL)",
};

function signalWords(code: number): string | undefined {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? undefined : `it was ended by ${signal}`;
}
