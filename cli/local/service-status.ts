import { COMMAND_NAME } from "../console/command-name";
import { LocalService } from "./local-service";
import type { LocalInstance } from "./instance";
import { stateDirectory } from "./fleet-services";
import { localWorkerPhase } from "./readiness";
import { LOCAL_SERVICES } from "./stop-plan";

/** One line of `ps` about each service that runs or has run since the environment was brought up. */
export function localStatusLines(instance: LocalInstance, now: number = Date.now()): string[] {
  const lines = LOCAL_SERVICES.map((name) => new LocalService(instance, name))
    .filter((service) => service.since() !== undefined)
    .map((service) => {
      const process = service.running();
      const phase = process === undefined ? undefined : localWorkerPhase(stateDirectory(instance, service.name));
      const status = process === undefined ? "ended by itself" : `running for ${age(now - service.since()!.getTime())}`;
      const name = `${service.name}${process === undefined ? "" : ` (process ${process.pid})`}`;
      return `${name.padEnd(44)} ${status.padEnd(32)} ${phase?.replaceAll("_", " ") ?? ""}`.trimEnd();
    });
  return lines.length > 0 ? lines : [`${instance.environment} is not up: ${COMMAND_NAME} up ${instance.environment} --engine local`];
}

function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
