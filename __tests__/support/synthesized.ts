import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { BuildContext } from "../../constructs";
import type { EnvironmentInput } from "../../constructs";
import { FleetStack } from "../../constructs";
import { App } from "../../constructs/tf";

export type Json = Record<string, unknown>;
/** Terraform JSON of a stack without cdktf's own comments. */
export interface Stack {
  readonly terraform: Json;
  readonly provider: Json;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly output?: Json;
}

/** A fixed image context, independent of the package's own files. */
export const SMALL_CONTEXT = () => new BuildContext().addText("Dockerfile", "FROM scratch\n").addText("runtime/api.js", "");

/** Raw text of every stack of an application by its id. */
export function synthesizedText(build: (app: App) => void): ReadonlyMap<string, string> {
  const outdir = mkdtempSync(path.join(tmpdir(), "fleet-synth-"));
  try {
    const app = new App({ outdir });
    build(app);
    app.synth();
    const { stacks } = JSON.parse(readFileSync(path.join(outdir, "manifest.json"), "utf8")) as {
      stacks: Record<string, { synthesizedStackPath: string }>;
    };
    return new Map(
      Object.entries(stacks).map(([name, { synthesizedStackPath }]) => [
        name,
        readFileSync(path.join(outdir, synthesizedStackPath), "utf8"),
      ]),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export function synthesized(build: (app: App) => void): ReadonlyMap<string, Stack> {
  return new Map([...synthesizedText(build)].map(([name, text]) => [name, uncommented(JSON.parse(text)) as Stack]));
}

/** Both stacks of a fleet named `test`. */
export function synthesizedFleet(settings: EnvironmentInput = {}): { fleet: Stack; data: Stack } {
  const stacks = synthesized(
    (app) => new FleetStack(app, "test", { embedding: { credential: "google_api_key" }, ...settings }, { imageContext: SMALL_CONTEXT() }),
  );
  return { fleet: stacks.get("test")!, data: stacks.get("test-data")! };
}

/** The container of a service, or of its first replica. */
export function containerOf(stack: Stack, service: string): Json {
  const found = Object.values(stack.resource.docker_container ?? {}).find((container) =>
    (container.labels as { label: string; value: string }[]).some(
      ({ label, value }) => label === "codex-fleet.service" && value === service,
    ),
  );
  if (found === undefined) throw new Error(`no container of service ${service}`);
  return found;
}

/** The same without the digests of contents, which change with every edit of an image. */
export function withoutImageTags<Value>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value)
      .replace(/(codex-fleet\/\w+):[0-9a-f]{12}/g, "$1:TAG")
      .replace(/"content":"[0-9a-f]{12}"/g, '"content":"DIGEST"')
      .replace(/(Asset_\w+)\/[0-9a-f]{12}/g, "$1/HASH"),
  ) as Value;
}

function uncommented(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(uncommented);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, inner]) => [key, uncommented(inner)]),
  );
}

/** Program and arguments of one check, which the probe runs many times. */
export function checkOf(container: Json): string[] {
  const { test } = container["healthcheck"] as { test: string[] };
  return test.slice(test.indexOf("probe") + 1);
}

/** The properties in which services differ; the test of Service covers what all services have in common. */
export function ownParts(container: Json): Json {
  const { hostname, command, entrypoint, env, tmpfs, healthcheck, memory, cpus, stop_timeout, mounts, ports, wait_timeout } = container;
  const probe = healthcheck as Json;
  return withoutImageTags({
    ...(hostname === undefined ? {} : { hostname }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command: (command as string[]).join(" ") }),
    env,
    tmpfs,
    mounts: (mounts as Json[]).map(
      ({ source, target, read_only }) => `${String(source)} at ${String(target)}${read_only === true ? ", read-only" : ""}`,
    ),
    ports: (ports as Json[]).map(({ ip, external, internal }) => `${String(ip)}:${String(external)} -> ${String(internal)}`),
    health: `${checkOf(container).join(" ")}, from ${String(probe.start_period)}, waited for ${String(wait_timeout)} s`,
    memory,
    cpus,
    stop_timeout,
  });
}
