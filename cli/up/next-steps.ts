import { listenUrl } from "../../constructs/listen-address";
import { COMMAND_NAME } from "../console/command-name";
import type { FleetEnvironment } from "../project/fleet-environment";

/** Repository the scripted GitHub serves. */
export const DEMO_REPOSITORY = "demo/sample";

export const SCRIPTED_NOTICE =
  "This is a demonstration: the model and GitHub are scripted, Codex, Spec Kit and git are real. No account is used.";

/**
 * Addresses and commands an operator needs next.
 *
 * @param githubPort Port of the scripted GitHub on the loopback interface. @default - `[demo] github_listen`
 */
export function nextSteps({ name, settings }: Pick<FleetEnvironment, "name" | "settings">, githubPort?: number): string[] {
  const scripted = settings.demo.scripted_services;
  const github = listenUrl(githubPort === undefined ? settings.demo.github_listen : `127.0.0.1:${githubPort}`);
  const rows: [string, string][] = [
    ["API", `${listenUrl(settings.api.listen)}/api/workflows/speckit`],
    ...(scripted ? ([["GitHub (scripted)", `${github}/${DEMO_REPOSITORY}`]] as [string, string][]) : []),
    ...(settings.codex.auth === "chatgpt" ? ([["sign Codex in", `${COMMAND_NAME} login ${name}`]] as [string, string][]) : []),
    ["start a run", `${COMMAND_NAME} run ${scripted ? DEMO_REPOSITORY : "OWNER/REPO"} --env ${name} --follow`],
    ["look at it", `${COMMAND_NAME} ps ${name}`],
    ["secrets", `${COMMAND_NAME} secrets list ${name}`],
    ["take it down", `${COMMAND_NAME} down ${name}`],
  ];
  return rows.map(([label, value]) => `${label.padEnd(18)} ${value}`);
}
