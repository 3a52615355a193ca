import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome } from "./check";
import { writeProbe } from "./write-probe";

/** What the check sees of HOME. */
export interface HomeSighting {
  readonly isDirectory: boolean;
  /** Error code of a write, undefined when it worked. */
  readonly writeError: string | undefined;
}

/** Agents, git and the build tools of repositories write files to HOME. */
export const homeCheck: Check = {
  id: "home.directory",
  what: "HOME is set and the worker may write there",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "run the worker as the fleet's account with a writable home: a tmpfs at /home/app owned by uid 1000, as `codex-fleet up` makes it",
  run: async ({ environment }) => {
    const home = environment["HOME"];
    const usable = home !== undefined && isAbsolute(home);
    return judgeHome(home, process.getuid?.() ?? 0, usable ? await seeHome(home) : { isDirectory: false, writeError: undefined });
  },
};

export function judgeHome(home: string | undefined, uid: number, seen: HomeSighting): Outcome {
  const expected = `HOME, a directory that uid ${uid} may write`;
  const setIt = "set HOME to the account's home directory, /home/app in the image, and check that nothing that starts the worker clears it";
  if (home === undefined || home === "") return failed("HOME is not set", expected, setIt);
  if (!isAbsolute(home)) return failed(`HOME is "${home}", which is not an absolute path`, expected, setIt);
  if (!seen.isDirectory) return failed(`HOME is ${home}, which is not a directory`, expected, setIt);
  if (seen.writeError !== undefined) {
    return failed(
      `${home} cannot be written (${seen.writeError})`,
      expected,
      `mount a tmpfs at ${home} that uid ${uid} owns, and run the worker as the uid that owns it; codex-fleet up does both`,
    );
  }
  return ok(home, expected);
}

async function seeHome(home: string): Promise<HomeSighting> {
  const isDirectory = await stat(home).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return { isDirectory, writeError: isDirectory ? await writeProbe(home) : undefined };
}
