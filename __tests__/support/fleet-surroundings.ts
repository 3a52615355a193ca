import { join } from "node:path";
import { readConfiguration } from "../../runtime/contract";
import { DATABASE_VARIABLES, migrate, openDatabase } from "../../runtime/store";
import type { Database } from "../../runtime/store";
import { sql } from "kysely";
import { output, run } from "./command";
import { ContainerDeaths } from "./container-deaths";
import { buildClient } from "./docker";
import { eventually } from "./eventually";
import { definitionsOf, FleetBroker } from "./fleet-broker";
import type { QueueFault } from "./fleet-broker";
import { runContainer } from "./run-container";
import { standIn } from "./stand-in";
import { containerOf, synthesizedFleet } from "./synthesized";

/** Volumes and a virtual host that only one worker uses at a time. */
export interface Lane {
  readonly vhost: string;
  readonly volumes: { readonly auth: string; readonly secrets: string; readonly workspaces: string };
}

export interface SurroundingsOptions {
  /** Prefix of every name on the engine. */
  readonly prefix: string;
  readonly lanes: number;
  /** Virtual hosts besides those of the lanes. */
  readonly vhosts?: Readonly<Record<string, QueueFault>>;
  /** Image with a shell and `sleep`, for the container that changes volumes. */
  readonly image: string;
}

const DATABASE_PASSWORD = "planted-database";
const FULL = "full";

/** What workers need, on a real engine: broker, database, network, volumes, and a container that changes the volumes. */
export class FleetSurroundings {
  static async start(options: SurroundingsOptions): Promise<FleetSurroundings> {
    const made = new FleetSurroundings(options);
    try {
      await made.startAll();
    } catch (error) {
      await made.stop();
      throw error;
    }
    return made;
  }

  readonly label: string;
  readonly network: string;
  readonly lanes: readonly Lane[];
  /** A workspaces volume that is a tmpfs of 300 MiB. */
  readonly smallVolume: string;
  readonly deaths: ContainerDeaths;
  broker!: FleetBroker;
  private readonly prefix: string;
  private databasePort = 0;

  private constructor(private readonly options: SurroundingsOptions) {
    this.prefix = options.prefix;
    this.label = `codex-fleet.test=${options.prefix}`;
    // A container publishes its ports through its first network by name, which must be this one.
    this.network = `${options.prefix}-0`;
    this.smallVolume = `${options.prefix}-${FULL}`;
    this.lanes = Array.from({ length: options.lanes }, (_, index) => {
      const vhost = `lane${index + 1}`;
      const volume = (name: string) => `${this.prefix}-${vhost}-${name}`;
      return { vhost, volumes: { auth: volume("auth"), secrets: volume("secrets"), workspaces: volume("workspaces") } };
    });
    this.deaths = new ContainerDeaths(this.label);
  }

  /** Runs a shell script as root in the directory of a lane: `auth`, `secrets` and `workspaces` are its volumes. */
  async hand(lane: Lane, script: string): Promise<string> {
    return this.inHand(`cd /v/${lane.vhost}\n${script}`);
  }

  /** Empties a lane's volumes and queues, and adds what every worker has. */
  async reset(lane: Lane): Promise<void> {
    await this.hand(
      lane,
      [
        "find . -mindepth 2 -delete",
        `printf %s ${DATABASE_PASSWORD} > secrets/postgres_password; printf %s ${FleetBroker.passwords.worker} > secrets/rabbitmq_password`,
        "chown -R 1000:1000 auth secrets workspaces; chmod 0755 auth secrets workspaces; chmod 0400 secrets/*",
      ].join("\n"),
    );
    await this.broker.purge(lane.vhost);
  }

  /** Further databases: `old` has no schema yet, the clock of `ahead` is an hour ahead. */
  async withDatabase<T>(name: "fleet" | "old" | "ahead", act: (db: Database) => Promise<T>): Promise<T> {
    const settings = { POSTGRES_HOST: "127.0.0.1", POSTGRES_PORT: String(this.databasePort), POSTGRES_DB: name };
    const db = openDatabase(readConfiguration(DATABASE_VARIABLES, { ...settings, POSTGRES_PASSWORD: DATABASE_PASSWORD }));
    try {
      return await act(db);
    } finally {
      await db.destroy();
    }
  }

  /** A network with only the named service, under its alias; `join` adds the other one. */
  async networkWith(service: "rabbitmq" | "postgres", suffix: string): Promise<string> {
    const name = this.name(suffix);
    await output("docker", ["network", "create", "--label", this.label, name]);
    await this.join(name, service);
    return name;
  }

  async join(network: string, service: "rabbitmq" | "postgres"): Promise<void> {
    await output("docker", ["network", "connect", "--alias", service, network, `${this.prefix}-${service}`]);
  }

  name(suffix: string): string {
    return `${this.prefix}-${suffix}`;
  }

  /** Removes everything whose name begins with the prefix. */
  async stop(): Promise<void> {
    this.deaths.stop();
    const list = async (args: readonly string[]) => (await run("docker", args)).stdout.split("\n").filter((name) => name !== "");
    const own = ["--filter", `name=^${this.prefix}-`];
    const containers = await list(["ps", "--all", "--quiet", "--filter", `label=${this.label}`]);
    if (containers.length > 0) await run("docker", ["rm", "--force", "--volumes", ...containers]);
    const volumes = await list(["volume", "ls", "--quiet", ...own]);
    if (volumes.length > 0) await run("docker", ["volume", "rm", "--force", ...volumes]);
    const networks = await list(["network", "ls", "--quiet", ...own]);
    if (networks.length > 0) await run("docker", ["network", "rm", ...networks]);
    await run("docker", ["image", "rm", "--force", this.name("broker:1")]);
  }

  private async startAll(): Promise<void> {
    await Promise.all([
      output("docker", ["network", "create", "--label", this.label, this.network]),
      output("docker", [
        ...["volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=300m,uid=1000,gid=1000"],
        this.smallVolume,
      ]),
    ]);
    await this.startHand();
    await Promise.all([this.startBroker(), this.startDatabase()]);
  }

  private async startHand(): Promise<void> {
    const mounts = [
      ...this.lanes.flatMap(({ vhost, volumes }) =>
        Object.entries(volumes).map(([name, volume]): [string, string] => [volume, `/v/${vhost}/${name}`]),
      ),
      [this.smallVolume, "/v/small"],
      [this.name("secrets-rabbitmq"), "/v/rabbitmq"],
      [this.name("secrets-postgres"), "/v/postgres"],
    ] as const;
    await output("docker", [
      ...["run", "--detach", "--init", "--user", "0", "--network", "none", "--label", this.label, "--name", this.name("hand")],
      ...mounts.flatMap(([volume, path]) => ["--volume", `${volume}:${path}`]),
      ...[this.options.image, "sleep", "infinity"],
    ]);
  }

  private inHand(script: string, input = ""): Promise<string> {
    return output("docker", ["exec", "--interactive", "--user", "0", this.name("hand"), "sh", "-euc", script], { input });
  }

  private async startBroker(): Promise<void> {
    const lanes = Object.fromEntries(this.lanes.map(({ vhost }) => [vhost, undefined]));
    const definitions = definitionsOf({ ...lanes, ...this.options.vhosts });
    const script = "mkdir /v/rabbitmq/definitions; cat > /v/rabbitmq/definitions/fleet.json; chown -R 999:999 /v/rabbitmq";
    const [base] = await Promise.all([standIn("rabbitmq"), this.inHand(script, JSON.stringify(definitions))]);
    const image = this.name("broker:1");
    const build = [
      "build",
      "--quiet",
      "--network",
      "none",
      "--build-arg",
      `BASE_IMAGE=${base}`,
      "--tag",
      image,
      join(__dirname, "../../assets/broker"),
    ];
    await output(await buildClient(), build, { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
    const port = await this.startService("rabbitmq", image, 5672);
    this.broker = new FleetBroker(port);
    await eventually(() => this.broker.purge(this.lanes[0]!.vhost), 180_000);
  }

  private async startDatabase(): Promise<void> {
    const script = "cat > /v/postgres/postgres_password; chown 999:999 /v/postgres/postgres_password";
    const [image] = await Promise.all([standIn("postgres"), this.inHand(script, DATABASE_PASSWORD)]);
    this.databasePort = await this.startService("postgres", image, 5432);
    await eventually(() => this.withDatabase("fleet", migrate).then(() => undefined), 180_000);
    await this.withDatabase("fleet", (db) => sql`CREATE DATABASE old`.execute(db));
    await this.withDatabase("fleet", (db) => sql`CREATE DATABASE ahead`.execute(db));
    await this.withDatabase("ahead", async (db) => {
      await migrate(db);
      await sql`CREATE SCHEMA ahead`.execute(db);
      await sql`CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT pg_catalog.now() + interval '1 hour' $$`.execute(
        db,
      );
      await sql`ALTER DATABASE ahead SET search_path = ahead, pg_catalog, public`.execute(db);
    });
  }

  /** Starts a service as the fleet defines it; returns its port on the host. */
  private async startService(service: "rabbitmq" | "postgres", image: string, port: number): Promise<number> {
    const name = this.name(service);
    await runContainer(containerOf(synthesizedFleet().fleet, service), {
      ...{ image, name, network: this.network },
      volumes: {
        [`test-${service}-data`]: this.name(`${service}-data`),
        [`test-secrets-${service}`]: this.name(`secrets-${service}`),
      },
      extra: ["--network-alias", service, "--publish", `127.0.0.1::${port}`, "--label", this.label],
    });
    return Number((await output("docker", ["port", name, `${port}/tcp`])).split("\n")[0]!.split(":").at(-1));
  }
}
