import { SCRIPTED_GITHUB_PORT } from "../../constructs/resource-names";
import { COMMAND_NAME } from "../command-name";
import type { FleetEnvironment } from "../fleet-environment";
import { apiUrl } from "../run/connect-api";

/** Repository the scripted GitHub serves. */
export const DEMO_REPOSITORY = "demo/sample";

export const SCRIPTED_NOTICE =
  "This is a demonstration: the model and GitHub are scripted, Codex, Spec Kit and git are real. No account is used.";

/**
 * Addresses and commands an operator needs next.
 *
 * @param githubPort Where the scripted GitHub is. @default the port it is published on by Docker
 */
export function nextSteps(
  { name, settings }: Pick<FleetEnvironment, "name" | "settings">,
  githubPort: number = SCRIPTED_GITHUB_PORT,
): string[] {
  const scripted = settings.demo.scripted_services;
  const rows: [string, string][] = [
    ["API", `${apiUrl(settings.api.listen)}/api/workflows/speckit`],
    ...(scripted ? ([["GitHub (scripted)", `http://127.0.0.1:${githubPort}/${DEMO_REPOSITORY}`]] as [string, string][]) : []),
    ...(settings.codex.auth === "chatgpt" ? ([["sign Codex in", `${COMMAND_NAME} login ${name}`]] as [string, string][]) : []),
    ["start a run", `${COMMAND_NAME} run ${scripted ? DEMO_REPOSITORY : "OWNER/REPO"} --env ${name} --follow`],
    ["look at it", `${COMMAND_NAME} ps ${name}`],
    ["secrets", `${COMMAND_NAME} secrets list ${name}`],
    ["take it down", `${COMMAND_NAME} down ${name}`],
  ];
  return rows.map(([label, value]) => `${label.padEnd(18)} ${value}`);
}
