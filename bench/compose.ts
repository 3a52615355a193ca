import type { Resource, Resources } from "./fleet";

/**
 * A file for `docker compose` with the containers of a fleet's stack, on the same networks and volumes. Its form is JSON,
 * which YAML contains. The labels are left out: `codex-fleet` would take the containers for its own.
 */
export function composeFile({ docker_image, docker_container }: Resources): string {
  const services = Object.values(docker_container).map((container) => [serviceOf(container), service(container, docker_image)] as const);
  const named = (names: Iterable<string>) => Object.fromEntries([...new Set(names)].sort().map((name) => [name, { name, external: true }]));
  return JSON.stringify(
    {
      name: "fleet-bench-compose",
      services: Object.fromEntries(services),
      networks: named(services.flatMap(([, { networks }]) => Object.keys(networks))),
      volumes: named(services.flatMap(([, { volumes }]) => volumes.map(({ source }) => source))),
    },
    undefined,
    2,
  );
}

/** The alias a container has on its networks, followed by the number of the replica. */
export function serviceOf(container: Resource): string {
  const [{ aliases }] = container["networks_advanced"] as [Network];
  const labels = container["labels"] as { label: string; value: string }[];
  const replica = labels.find(({ label }) => label === "codex-fleet.replica")?.value;
  return [aliases[0], ...(replica === undefined ? [] : [replica])].join("_");
}

interface Network {
  readonly name: string;
  readonly aliases: readonly [string];
}

function service(container: Resource, images: Resources["docker_image"]) {
  const get = <T>(key: string) => container[key] as T;
  const [, image] = /docker_image\.(\w+)\.image_id/.exec(get<string>("image"))!;
  const health = get<Readonly<Record<string, unknown>> & { readonly test: string[] }>("healthcheck");
  const limit = get<{ name: string; soft: number; hard: number }[]>("ulimit");
  return {
    image: images[image!]!.name,
    ...optional("command", get<string[] | undefined>("command")?.map(literal)),
    ...optional("entrypoint", get<string[] | undefined>("entrypoint")?.map(literal)),
    ...optional("hostname", get("hostname")),
    user: get("user"),
    environment: get<string[]>("env").map(literal),
    networks: Object.fromEntries(get<Network[]>("networks_advanced").map(({ name, aliases }) => [name, { aliases }])),
    volumes: get<{ source: string; target: string; read_only: boolean }[]>("mounts").map(({ source, target, read_only }) => ({
      ...{ type: "volume", source, target, read_only },
    })),
    tmpfs: Object.entries(get<Record<string, string> | undefined>("tmpfs") ?? {}).map(([path, options]) => `${path}:${options}`),
    ports: get<{ ip: string; external: number; internal: number }[]>("ports").map(
      ({ ip, external, internal }) => `${ip}:${external}:${internal}`,
    ),
    healthcheck: {
      ...{ test: health.test.map(literal), interval: health["interval"], timeout: health["timeout"] },
      ...{ retries: health["retries"], start_period: health["start_period"] },
    },
    restart: get("restart"),
    init: get("init"),
    read_only: get("read_only"),
    cap_drop: get<{ drop: string[] }>("capabilities").drop,
    security_opt: get("security_opts"),
    mem_limit: `${get<number>("memory")}m`,
    memswap_limit: `${get<number>("memory_swap")}m`,
    cpus: Number(get("cpus")),
    ulimits: Object.fromEntries(limit.map(({ name, soft, hard }) => [name, { soft, hard }])),
    logging: { driver: get("log_driver"), options: get("log_opts") },
    stop_grace_period: `${get<number>("stop_timeout")}s`,
  };
}

/** Terraform writes `${` as `$${`, compose writes `$` as `$$`. */
function literal(text: string): string {
  return text.replaceAll("$${", "${").replaceAll("$", "$$$$");
}

function optional<Key extends string>(key: Key, value: unknown): Partial<Record<Key, unknown>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<Key, unknown>>);
}
