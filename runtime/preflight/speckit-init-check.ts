import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";
import { runCommand } from "./run-command";
import type { CommandResult } from "./run-command";

/** Skills that Spec Kit puts into every project and the stages run. */
const NEEDED = ["specify", "plan", "tasks", "implement"].map((name) => `speckit-${name}`);

/** Result of an offline `specify init`. */
export interface InitSighting {
  readonly init: CommandResult;
  readonly version: string;
  readonly skills: readonly string[];
}

export const speckitInitCheck: Check = {
  id: "speckit.init",
  what: "Spec Kit sets up a project offline, with its skills",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "rebuild the image: `codex-fleet up`",
  run: async (context) => judgeInit(await initInScratch(context)),
};

export function judgeInit({ init, version, skills }: InitSighting): Outcome {
  const expected = `a project with the skills ${NEEDED.join(", ")}`;
  const capability = { available: false, version, skills: [...skills] };
  const fix =
    "rebuild the image; to try it by hand: specify init --here --force --integration codex --script sh --ignore-agent-tools --non-interactive";
  if (init.exit !== 0) {
    const words = (init.stderr || init.stdout).trim().split("\n").at(-1)?.trim() ?? "";
    return failed(`specify init ended with ${init.exit}${words === "" ? "" : `: ${words.slice(0, 200)}`}`, expected, fix, {
      speckitCapability: capability,
    });
  }
  const missing = NEEDED.filter((skill) => !skills.includes(skill));
  if (missing.length > 0) return failed(`specify init made no ${missing.join(", ")}`, expected, fix, { speckitCapability: capability });
  return ok(`Spec Kit ${version}, ${skills.length} skills`, expected, { speckitCapability: { ...capability, available: true } });
}

async function initInScratch(context: PreflightContext): Promise<InitSighting> {
  const scratch = await mkdtemp(join(context.environment["TMPDIR"] ?? "/tmp", "speckit-"));
  try {
    const argv = ["init", "--here", "--force", "--integration", "codex", "--script", "sh", "--ignore-agent-tools", "--non-interactive"];
    const init = await runCommand("specify", argv, { environment: context.environment, directory: scratch });
    const skills = await readdir(join(scratch, ".agents/skills")).catch(() => []);
    const options = await readFile(join(scratch, ".specify/init-options.json"), "utf8").then(JSON.parse, () => ({}));
    return { init, version: String((options as { speckit_version?: unknown }).speckit_version ?? "unknown"), skills: skills.sort() };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
