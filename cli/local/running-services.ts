import { runCommand } from "../process/run-program";
import type { FleetEnvironment } from "../project/fleet-environment";
import { findInstance } from "./instance";
import type { LocalInstance } from "./instance";
import { LocalService } from "./local-service";
import { markedProcesses } from "./service-mark";
import { LOCAL_SERVICES } from "./stop-plan";

/** Names of the services of an instance of which anything runs. */
export function runningServices(instance: LocalInstance): string[] {
  if (!instance.exists()) return [];
  return LOCAL_SERVICES.filter(
    (name) => new LocalService(instance, name).running() !== undefined || markedProcesses(instance, name).length > 0,
  );
}

/** The instance of an environment that is up on the local engine, as a whole or in part; undefined when nothing of it runs. */
export async function runningInstance(environment: Pick<FleetEnvironment, "name" | "project">): Promise<LocalInstance | undefined> {
  const instance = await findInstance(environment);
  return runningServices(instance).length > 0 ? instance : undefined;
}

/**
 * The instance of an environment that commands mean: one that runs; else, where no Docker engine answers, the one there is.
 */
export async function meantInstance(environment: Pick<FleetEnvironment, "name" | "project">): Promise<LocalInstance | undefined> {
  const instance = await findInstance(environment);
  if (runningServices(instance).length > 0) return instance;
  if (!instance.exists()) return undefined;
  const engine = await runCommand("docker", ["version", "--format", "{{.Server.Version}}"], { timeout: 10_000 });
  return engine.ok ? undefined : instance;
}
