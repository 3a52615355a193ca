import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import { AGENTS, checkCodexConfig, ExitCode, formatRefusal } from "../contract";
import { failed, ok, warning } from "./check";
import type { Check, Outcome } from "./check";

const REBUILD = "rebuild the image: codex-fleet up";

/** A file's text, or why it cannot be read. */
export type FileText = { readonly text: string } | { readonly error: string };

/** The image has the template for the policy and the requirements, which no user setting can override. */
export const policyImageCheck: Check = {
  id: "policy.image",
  what: "the image's template of the Codex settings and its requirements exist and set the policy never",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "rebuild the image: `codex-fleet up`",
  cheap: true,
  run: async ({ config, requirementsPath }) => {
    const template = judgeTemplate(config.CODEX_TEMPLATE_PATH, await readText(config.CODEX_TEMPLATE_PATH));
    if (template.status === "failed") return template;
    const requirements = judgeRequirements(requirementsPath, await readText(requirementsPath));
    if (requirements.status === "failed" && config.FLEET_ENGINE === "local") {
      return warning(requirements.found, requirements.expected, "FLEET_ENGINE=local: only config.toml enforces the policy on this host");
    }
    return requirements;
  },
};

export function judgeTemplate(path: string, file: FileText): Outcome {
  const expected = `a template with every managed setting at ${path}`;
  if ("error" in file) return failed(`${path} cannot be read (${file.error})`, expected, REBUILD);
  const check = checkCodexConfig(file.text);
  if (check.ok) return ok(path, expected);
  const what =
    check.refusal === null
      ? `${path}: ${check.differing.map(({ key, from }) => `${key} is ${from ?? "not set"}`).join(", ")}`
      : formatRefusal(path, check.refusal);
  return failed(what, expected, REBUILD);
}

export function judgeRequirements(path: string, file: FileText): Outcome {
  const expected = `allowed_approval_policies = ["never"] in ${path}`;
  if ("error" in file) return failed(`${path} cannot be read (${file.error})`, expected, REBUILD);
  try {
    const allowed = parse(file.text)["allowed_approval_policies"];
    if (JSON.stringify(allowed) === '["never"]') return ok(expected, expected);
    return failed(`allowed_approval_policies is ${JSON.stringify(allowed) ?? "not set"}`, expected, REBUILD);
  } catch {
    return failed(`${path} is not valid TOML`, expected, REBUILD);
  }
}

export function readText(path: string): Promise<FileText> {
  return readFile(path, "utf8").then(
    (text) => ({ text }),
    (error: NodeJS.ErrnoException) => ({ error: error.code ?? error.message }),
  );
}
