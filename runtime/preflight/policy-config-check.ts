import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AGENTS, checkCodexConfig, decodeCodexConfig, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";
import { manageConfig, refusalText } from "./managed-config";
import type { ManagedConfigResult } from "./managed-config";

/** Writes the managed settings to CODEX_HOME/config.toml; the cheap run only compares. */
export const policyConfigCheck: Check = {
  id: "policy.config",
  what: "CODEX_HOME/config.toml holds the managed settings; everything an operator wrote stays",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "correct `config.toml` at the line named (the worker did not change the file); `codex-fleet codex-config check FILE` makes the same check",
  cheap: true,
  after: ["policy.image", "auth.volume"],
  run: (context) => (context.cheap ? secondLook(context) : merge(context)),
};

/** The verdict on what the merge did. */
export function judgeManagedConfig(codexHome: string, result: ManagedConfigResult): Outcome {
  const file = join(codexHome, "config.toml");
  const expected = `the managed settings in ${file}`;
  switch (result.kind) {
    case "kept":
      return ok(`${file} holds them`, expected);
    case "seeded":
      return ok(`${file} was missing: created from the image's template`, expected);
    case "merged":
      return ok(`${file}: ${result.changed.map(({ key, from, to }) => `${key} = ${to} (was ${from ?? "not set"})`).join(", ")}`, expected);
    case "refused":
      return failed(
        refusalText(codexHome, result.refusal),
        expected,
        `the worker did not change the file; correct it, then check it: codex-fleet codex-config check FILE`,
      );
  }
}

async function merge(context: PreflightContext): Promise<Outcome> {
  try {
    return judgeManagedConfig(context.codexHome, await manageConfig(context.codexHome, context.config.CODEX_TEMPLATE_PATH));
  } catch (error) {
    return inaccessible(context.codexHome, error as NodeJS.ErrnoException);
  }
}

async function secondLook(context: PreflightContext): Promise<Outcome> {
  const file = join(context.codexHome, "config.toml");
  const expected = `the managed settings in ${file}`;
  const fix = "start the worker again: its preflight merges them";
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return failed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, expected, fix);
  }
  const decoded = decodeCodexConfig(bytes);
  const check = decoded.ok ? checkCodexConfig(decoded.text) : { ok: false as const, refusal: decoded.refusal, differing: [] };
  if (check.ok) return ok(`${file} holds them`, expected);
  if (check.refusal !== null) return judgeManagedConfig(context.codexHome, { kind: "refused", refusal: check.refusal });
  return failed(check.differing.map(({ key, from }) => `${key} is ${from ?? "not set"}`).join(", "), expected, fix);
}

function inaccessible(codexHome: string, error: NodeJS.ErrnoException): Outcome {
  const uid = process.getuid?.() ?? "?";
  const file = join(codexHome, "config.toml");
  if (error.path === file && error.syscall === "open") {
    return failed(
      `${file} cannot be read by uid ${uid} (${error.code ?? error.message})`,
      `a file that uid ${uid} may read and write`,
      `the worker did not change the file; as root in the volume: chown ${uid} config.toml && chmod 600 config.toml`,
    );
  }
  return failed(
    `${codexHome} cannot be read and written by uid ${uid} (${error.code ?? error.message})`,
    "a CODEX_HOME the worker may write",
    "mount the volume writable and give it to the worker's uid; a new volume gets mode and owner from the image",
  );
}
