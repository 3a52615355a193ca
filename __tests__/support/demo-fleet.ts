import { join } from "node:path";
import { ContainerLabel } from "../../runtime/contract";
import { output, run } from "./command";

/** The demo fleet as a newcomer brings it up in this checkout, seen from outside. */

export const checkout = join(__dirname, "../..");

/** Deletes what a demo fleet left on this engine, but only with FLEET_TEST_RESET=1: somebody may be using the fleet. */
export async function startFromNothing(): Promise<void> {
  const found = [...(await containerIds()), ...(await leftovers("volume")), ...(await leftovers("network"))];
  if (found.length === 0) return;
  if (process.env.FLEET_TEST_RESET !== "1") {
    throw new Error(`this engine has a demo fleet already (${found.join(", ")}): delete it, or set FLEET_TEST_RESET=1 to have it deleted`);
  }
  await deleteFleet();
}

export async function deleteFleet(): Promise<void> {
  const containers = await containerIds();
  if (containers.length > 0) await output("docker", ["rm", "--force", ...containers]);
  for (const kind of ["volume", "network"]) {
    const names = await leftovers(kind);
    if (names.length > 0) await output("docker", [kind, "rm", ...names]);
  }
  for (const file of await stateFiles()) await output("rm", ["-f", file], { cwd: checkout });
}

export async function leftovers(kind: string): Promise<string[]> {
  const names = await output("docker", [kind, "ls", "--format", "{{.Name}}"]);
  return names.split("\n").filter((name) => /^demo[-_]/.test(name));
}

export interface Inspected {
  readonly Name: string;
  readonly Image: string;
  readonly Config: {
    readonly User: string;
    readonly StopTimeout: number;
    readonly Labels: Record<string, string>;
    readonly Healthcheck?: { readonly Test: string[] };
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: string[] | null;
    readonly CapAdd: string[] | null;
    readonly SecurityOpt: string[] | null;
    readonly Privileged: boolean;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NanoCpus: number;
    readonly CpuQuota: number;
    readonly Ulimits: { readonly Name: string }[] | null;
    readonly LogConfig: { readonly Config: Record<string, string> };
    readonly Binds: string[] | null;
    readonly Mounts: { readonly Type: string }[] | null;
  };
  readonly Mounts: { readonly Name?: string }[];
  readonly NetworkSettings: { readonly Ports: Record<string, { readonly HostIp: string }[] | null> | null };
}

export async function containerIds(): Promise<string[]> {
  const ids = await output("docker", ["ps", "-aq", "--no-trunc", "--filter", `label=${ContainerLabel.environment}=demo`]);
  return ids.split("\n").filter(Boolean).sort();
}

export async function containerOf(service: string): Promise<string> {
  const filters = [`label=${ContainerLabel.environment}=demo`, `label=${ContainerLabel.service}=${service}`];
  return output("docker", ["ps", "-q", "--no-trunc", ...filters.flatMap((filter) => ["--filter", filter])]);
}

export async function inspect(container: string): Promise<Inspected> {
  return (JSON.parse(await output("docker", ["inspect", container])) as Inspected[])[0]!;
}

export async function inspectAll(): Promise<Inspected[]> {
  return JSON.parse(await output("docker", ["inspect", ...(await containerIds())])) as Inspected[];
}

export function terraform(stack: string): { cwd: string; env: NodeJS.ProcessEnv } {
  return { cwd: join(checkout, "cdktf.out/stacks", stack), env: { ...process.env, CHECKPOINT_DISABLE: "1" } };
}

export async function planExitCode(stack: string): Promise<number> {
  const plan = await run("terraform", ["plan", "-detailed-exitcode", "-input=false", "-no-color"], terraform(stack));
  if (plan.code !== 0) process.stderr.write(plan.stdout + plan.stderr);
  return plan.code;
}

export async function stateFiles(): Promise<string[]> {
  const found = await output("find", [".", "-maxdepth", "2", "-name", "*.tfstate*", "-not", "-path", "./node_modules/*"], {
    cwd: checkout,
  });
  return found.split("\n").filter(Boolean);
}

export async function apiToken(): Promise<string> {
  return output("docker", ["exec", await containerOf("api"), "cat", "/run/secrets/fleet_api_token"]);
}

export interface RunAnswer {
  readonly status: string;
  readonly phase: string;
  readonly prUrl: string;
  readonly tasks: { readonly taskName: string; readonly status: string; readonly payload: Record<string, unknown> }[];
}

export async function runs(): Promise<RunAnswer[]> {
  const answer = await fetch("http://127.0.0.1:8080/api/workflows/speckit/runs?includeTasks=true", {
    headers: { authorization: `Bearer ${await apiToken()}` },
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { items: RunAnswer[] }).items;
}
