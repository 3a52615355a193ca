import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { withInstanceLock } from "../../cli/local/instance";
import { installTools as install, toolsFingerprint } from "../../cli/local/tools";
import type { Tools } from "../../cli/local/tools";
import { eventually } from "./eventually";

const WORKER = join(__dirname, "..", "..", "assets", "worker");

/** The tools of the worker image, installed once on this machine from the same lockfiles, which needs npm's and Python's registries. */
export async function installTools(): Promise<Tools> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "codex-fleet", "local-tools");
  mkdirSync(cache, { recursive: true });
  const programs = { python: "python3", path: process.env["PATH"]!, environment: {} };
  // Another test run on this machine may be installing them right now.
  const lock = { environment: "the tests' tools", root: cache };
  return eventually(
    () =>
      withInstanceLock(lock, () =>
        install(join(cache, toolsFingerprint(WORKER, [process.version])), { worker: WORKER, programs, downloads: {} }),
      ),
    600_000,
  );
}
