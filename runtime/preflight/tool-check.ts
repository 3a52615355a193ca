import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, realpath } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AGENTS, ExitCode } from "../contract";
import type { ToolRecord } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";
import { runCommand } from "./run-command";
import { readToolingRecord } from "./tooling-record";

/** How a tool is compared with the record: by its `--version`, by the digest of its file, or by both. */
export type ToolProof = "version" | "digest" | "both";

/** What the check sees of a tool on this machine. */
export interface ToolSighting {
  /** First match on PATH. */
  readonly path: string | undefined;
  /** Undefined when the digest was not computed. */
  readonly sha256?: string;
  /** Result of `--version`; undefined when it was not run. */
  readonly said?: { readonly exit: number | string; readonly output: string };
}

const REBUILD = "rebuild the image (codex-fleet up), or pull it again; install nothing over its tools";

/** The image's record of its tools exists; the checks of the tools compare with it. */
export const toolRecordCheck: Check = {
  id: "tools.record",
  what: "the image's record of its tools exists",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "rebuild the image: `codex-fleet up`",
  cheap: true,
  run: async ({ config }) => {
    const expected = "the record that was written when the image was built";
    try {
      await readToolingRecord(config.FLEET_TOOLING);
      return ok(config.FLEET_TOOLING, expected);
    } catch (error) {
      return failed((error as Error).message, expected, REBUILD);
    }
  },
};

/** The check of one tool against the image's record. */
export function toolCheck(name: string, proof: ToolProof): Check {
  return {
    id: `tools.${name}`,
    what: `${name} on PATH is the one the image was built with (${proof === "both" ? "version and digest" : proof})`,
    workers: AGENTS,
    refuses: [ExitCode.CONFIGURATION],
    fix: "rebuild the image (`codex-fleet up`); install nothing over its tools",
    cheap: true,
    after: [toolRecordCheck.id],
    run: (context) => checkTool(name, proof, context),
  };
}

/** The verdict on a tool. */
export function judgeTool(name: string, record: ToolRecord | undefined, seen: ToolSighting): Outcome {
  if (record === undefined) return failed("no entry in the image's record", `${name} in tooling.json`, REBUILD);
  const expected = `${name} ${record.version} at ${record.path}`;
  if (seen.path === undefined) return failed(`${name} is not on PATH`, expected, REBUILD);
  if (seen.path !== record.path)
    return failed(`${seen.path} comes first on PATH`, expected, `remove ${seen.path}, or put ${record.path} first on PATH`);
  if (seen.said !== undefined) {
    const { exit, output } = seen.said;
    const version = /\d+\.\d+\.\d+[\w.+-]*/.exec(output)?.[0];
    if (exit !== 0) return failed(`"${name} --version" ended with ${exit}`, expected, REBUILD);
    if (version === undefined) return failed(`"${name} --version" named no version`, expected, REBUILD);
    if (version !== record.version) return failed(`${name} ${version}`, expected, REBUILD);
  }
  if (seen.sha256 !== undefined && seen.sha256 !== record.sha256) {
    return failed(`the file has the digest sha256:${seen.sha256}`, `${expected}, sha256:${record.sha256}`, REBUILD);
  }
  return ok(`${name} ${record.version} at ${record.path}`, expected, { tool: { name, path: record.path, version: record.version } });
}

async function checkTool(name: string, proof: ToolProof, context: PreflightContext): Promise<Outcome> {
  const record = (await readToolingRecord(context.config.FLEET_TOOLING)).tools[name];
  const path = await findOnPath(name, context.environment["PATH"] ?? "");
  if (path === undefined || path !== record?.path || context.cheap) return judgeTool(name, record, { path });
  const [sha256, said] = await Promise.all([
    proof === "version" ? undefined : digest(await realpath(path)),
    proof === "digest" ? undefined : runCommand(path, ["--version"], { environment: context.environment }),
  ]);
  return judgeTool(name, record, {
    path,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(said === undefined ? {} : { said: { exit: said.exit, output: said.stdout } }),
  });
}

async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter).filter((part) => part !== "")) {
    const file = join(directory, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
