import { mkdir } from "node:fs/promises";
import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome } from "./check";
import { writeProbe } from "./write-probe";

/** The health check reads the worker's state files, so the worker must be able to write them. */
export const stateCheck: Check = {
  id: "state.directory",
  what: "FLEET_STATE_DIRECTORY, where the worker shows heartbeat and phase, can be written",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "mount a tmpfs there that the worker's uid owns, as `codex-fleet up` does",
  run: async ({ config: { FLEET_STATE_DIRECTORY: path } }) => {
    const made = await mkdir(path, { recursive: true }).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    return judgeState(path, process.getuid?.() ?? 0, made ?? (await writeProbe(path)));
  },
};

export function judgeState(path: string, uid: number, writeError: string | undefined): Outcome {
  const expected = `${path} writable by uid ${uid}`;
  if (writeError === undefined) return ok(path, expected);
  return failed(`${path} cannot be written (${writeError})`, expected, `mount a tmpfs at ${path} that uid ${uid} owns`);
}
