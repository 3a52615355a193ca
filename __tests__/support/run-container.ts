import { output, run } from "./command";
import { checkOf } from "./synthesized";
import type { Json } from "./synthesized";

/** Runs a synthesized container without Terraform: same user, root, limits, tmpfs, variables and command. */
export async function runContainer(
  container: Json,
  options: {
    readonly image: string;
    readonly name: string;
    readonly volumes: Readonly<Record<string, string>>;
    /** @default "none" */
    readonly network?: string;
    readonly extra?: readonly string[];
  },
): Promise<void> {
  const entries = (key: string): [string, string][] => Object.entries((container[key] ?? {}) as Record<string, string>);
  const list = (key: string): string[] => (container[key] ?? []) as string[];
  const mounts = (container["mounts"] as { source: string; target: string; read_only: boolean }[]).map(
    ({ source, target, read_only }) =>
      `type=volume,source=${options.volumes[source] ?? source},target=${target}${read_only ? ",readonly" : ""}`,
  );
  const capabilities = (container["capabilities"] as { drop: string[] }).drop;
  const ulimits = container["ulimit"] as { name: string; soft: number; hard: number }[];
  await output("docker", [
    ...["run", "--detach", "--name", options.name, "--user", container["user"] as string, "--network", options.network ?? "none"],
    ...(container["init"] === true ? ["--init"] : []),
    ...(container["read_only"] === true ? ["--read-only"] : []),
    ...(container["hostname"] === undefined ? [] : ["--hostname", container["hostname"] as string]),
    ...capabilities.flatMap((each) => ["--cap-drop", each]),
    ...list("security_opts").flatMap((each) => ["--security-opt", each]),
    ...["--memory", `${container["memory"] as number}m`, "--memory-swap", `${container["memory_swap"] as number}m`],
    ...ulimits.flatMap(({ name, soft, hard }) => ["--ulimit", `${name}=${soft}:${hard}`]),
    ...entries("tmpfs").flatMap(([target, settings]) => ["--tmpfs", `${target}:${settings}`]),
    ...mounts.flatMap((each) => ["--mount", each]),
    ...list("env").flatMap((each) => ["--env", each]),
    ...["--stop-timeout", String(container["stop_timeout"])],
    ...(options.extra ?? []),
    options.image,
    ...list("command"),
  ]);
}

/** Whether the container's own health check passes now. */
export async function passesHealthCheck(container: Json, name: string): Promise<boolean> {
  return (await run("docker", ["exec", name, ...checkOf(container)])).code === 0;
}
