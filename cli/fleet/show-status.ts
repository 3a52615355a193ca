import { columns } from "../console/columns";
import { COMMAND_NAME } from "../console/command-name";
import { PLAIN } from "../console/colour";
import type { Paint } from "../console/colour";
import { CliExitCode } from "../console/exit-code";
import { output } from "../console/output";
import type { FleetEnvironment } from "../project/fleet-environment";
import { readStatus } from "./service-status";
import type { FleetStatus, ServiceStatus } from "./service-status";

/** Prints the services of an environment. @returns the exit code: 3 when the fleet is down or a service is not ok. */
export async function showStatus(environment: FleetEnvironment, json: boolean): Promise<CliExitCode> {
  const status = await readStatus(environment);
  const lines = json ? [JSON.stringify(status.services, null, 2)] : statusLines(environment.name, status, Date.now(), output().paint);
  lines.forEach((line) => output().line(line));
  return statusExitCode(status.services);
}

export function statusExitCode(services: readonly ServiceStatus[]): CliExitCode {
  return services.length > 0 && services.every(({ ok }) => ok) ? CliExitCode.OK : CliExitCode.NOT_RUNNING;
}

/** One line per service, and what to do when one is not ok. */
export function statusLines(environment: string, { engine, services }: FleetStatus, now: number, paint: Paint = PLAIN): string[] {
  const up = `${COMMAND_NAME} up ${environment}${engine === "local" ? " --engine local" : ""}`;
  if (services.length === 0) return [`${environment} is not up: ${up}`];
  const rows = services.map((each) => [each.container ?? each.service, stateWords(each, now), (each.phase ?? "").replaceAll("_", " ")]);
  const table = columns(rows).map((line, index) => (services[index]!.ok ? line : paint.bad(line)));
  const ill = services.filter(({ ok }) => !ok);
  if (ill.length === 0) return table;
  const names = [...new Set(ill.map(({ service }) => service))].join(", ");
  return [...table, `not healthy: ${names}; ${up} starts missing services and reports what is wrong with the others`];
}

function stateWords({ state, health, since, process }: ServiceStatus, now: number): string {
  const details = [...(health === null ? [] : [health]), ...(process === null ? [] : [`process ${process}`])];
  const words = details.length === 0 ? state : `${state} (${details.join(", ")})`;
  return since === null ? words : `${words} for ${age(now - Date.parse(since))}`;
}

/** A duration in the largest unit that gives at least 2. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const units = [
    [1, "s"],
    [60, "min"],
    [3600, "h"],
    [86_400, "days"],
  ] as const;
  const [size, unit] = units.findLast(([length]) => seconds >= 2 * length) ?? units[0];
  return `${Math.round(seconds / size)} ${unit}`;
}
