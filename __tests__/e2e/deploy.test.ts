import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DataStack, Duration, Environment, HealthCheck, RegistryImage, Replacement, Service } from "../../constructs";
import { DockerStack } from "../../constructs/docker-stack";
import { ResourceNames } from "../../constructs/resource-names";
import { whyNoTerraform, TerraformProject } from "../support/terraform";

/**
 * What the constructs promise, on a real engine with the real provider. The services run one small static program, so that
 * the test covers only Terraform, the provider and the engine.
 */

const reason = whyNoTerraform();
if (reason !== undefined) console.warn(`SKIPPED: deployment tests need Terraform, its Docker provider and an engine: ${reason}`);
const describeDeployment = reason === undefined ? describe : describe.skip;

const NAME = `e2e-${process.pid}`;
const IMAGE = "codex-fleet-test/tiny:1";
const names = new ResourceNames(NAME);
const environment = Environment.fromSettings({
  codex: { volume_name: `${NAME}_codex_auth` },
  embedding: { provider: "none" },
  data: { protect: false },
});

/** Settings the tests change between two applies. */
interface Shape {
  readonly retries: number;
  readonly workerRevision: number;
  readonly lateHealth: boolean;
}

const FIRST: Shape = { retries: 3, workerRevision: 1, lateHealth: false };

class SmallFleet extends DockerStack {
  constructor(scope: ConstructorParameters<typeof DockerStack>[0], shape: Shape) {
    super(scope, names.fleetStack, environment.settings);
    const image = new RegistryImage(this, "Image", IMAGE);
    const common = {
      environment: NAME,
      image,
      memory: 32,
      cpus: 0.25,
      tmpfs: [{ path: "/run/fleet", size: 1 }],
    };
    new Service(this, "Database", {
      ...common,
      service: "database",
      uid: 999,
      hostname: "database",
      command: [
        "sh",
        "-c",
        'trap "exit 0" TERM; echo "${NAME:-literal}" > /run/fleet/name; while :; do touch /run/fleet/heartbeat; sleep 1; done',
      ],
      variables: { TEMPLATE: "${not} an %{expression}" },
      networks: [names.networks.backplane, names.networks.edge],
      mounts: [{ volume: names.volumes.postgres, path: "/data" }],
      ports: [{ container: 8080, host: "127.0.0.1:18099" }],
      healthCheck: heartbeat(shape.retries),
    });
    for (const replica of [1, 2]) {
      new Service(this, `Worker${replica}`, {
        ...common,
        service: "worker",
        replica,
        command: ["sh", "-c", 'trap "sleep 3; exit 0" TERM; while :; do touch /run/fleet/heartbeat; sleep 1; done'],
        networks: [names.networks.backplane, names.networks.egress],
        mounts: [{ volume: names.secrets("codex-worker"), path: "/run/secrets", readOnly: true }],
        healthCheck: heartbeat(3),
        secretRevision: shape.workerRevision,
        stopGracePeriod: Duration.seconds(20),
        replacement: Replacement.CREATE_FIRST,
      });
    }
  }
}

function heartbeat(retries: number): HealthCheck {
  return HealthCheck.heartbeat("/run/fleet/heartbeat", Duration.seconds(10), {
    interval: Duration.seconds(1),
    startPeriod: Duration.seconds(20),
    retries,
  });
}

describeDeployment("a small fleet on a real engine", () => {
  const project = new TerraformProject();
  const synth = (shape: Shape): void =>
    project.synth((app) => {
      new DataStack(app, NAME, environment);
      new SmallFleet(app, shape);
    });

  jest.setTimeout(10 * 60_000);

  beforeAll(() => {
    makeTinyImage();
    synth(FIRST);
    for (const stack of [names.dataStack, names.fleetStack]) {
      project.init(stack);
      project.apply(stack);
    }
  });

  afterAll(() => {
    for (const stack of [names.fleetStack, names.dataStack]) {
      const { status, output } = project.destroy(stack);
      if (status !== 0) console.error(output);
    }
    project.remove();
  });

  test.each([names.dataStack, names.fleetStack])("a second plan of %s is empty", (stack) => {
    const { status, output } = project.plan(stack);
    expect({ status, output: status === 0 ? "" : output }).toEqual({ status: 0, output: "" });
  });

  test("containers are as hardened as the definition says", () => {
    expect(hardening(containers("database")[0]!)).toEqual({
      User: "999:999",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: null,
      SecurityOpt: ["no-new-privileges"],
      Privileged: false,
      Memory: 32 * 1024 * 1024,
      MemorySwap: 32 * 1024 * 1024,
      NanoCpus: 250_000_000,
      Init: true,
      RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
      LogConfig: { Type: "json-file", Config: { "max-file": "5", "max-size": "10m" } },
      Ulimits: [{ Name: "nproc", Hard: 4096, Soft: 4096 }],
      PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "18099" }] },
      StopTimeout: 10,
      Binds: null,
    });
  });

  test("text that looks like an expression arrives as it was written", () => {
    const [id] = containers("database");
    expect(docker("exec", id!, "sh", "-c", 'echo "$TEMPLATE"')).toBe("${not} an %{expression}");
    expect(docker("exec", id!, "cat", "/run/fleet/name")).toBe("literal");
  });

  test("state is beside cdktf.json, outside the synthesized directory", () => {
    expect(
      execFileSync("ls", [project.root], { encoding: "utf8" })
        .trim()
        .split("\n")
        .filter((file) => file.endsWith(".tfstate")),
    ).toEqual([`terraform.${names.dataStack}.tfstate`, `terraform.${names.fleetStack}.tfstate`]);
  });

  test("a changed health check replaces the container, and only that one", () => {
    const before = { database: containers("database"), worker: containers("worker") };
    synth({ ...FIRST, retries: 4 });
    project.apply(names.fleetStack);
    expect(containers("worker")).toEqual(before.worker);
    const [database] = containers("database");
    expect(before.database).not.toContain(database);
    expect(inspect(database!).Config.Healthcheck.Retries).toBe(4);
    expect(project.plan(names.fleetStack).status).toBe(0);
  });

  test("a raised secret revision rolls the workers: new ones are healthy before old ones are told to stop", () => {
    const before = containers("worker");
    const since = seconds(new Date());
    synth({ ...FIRST, retries: 4, workerRevision: 2 });
    project.apply(names.fleetStack);
    const after = containers("worker");
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(rollingOrder(since, before)).toEqual(["healthy", "told to stop"]);
    expect(exitCodes(since, before)).toEqual(["0", "0"]);
    expect(project.plan(names.fleetStack).status).toBe(0);
  });

  test("a stopped container survives the next plan, which shows it", () => {
    const [database] = containers("database");
    docker("stop", database!);
    expect(project.plan(names.fleetStack).status).toBe(2);
    expect(docker("inspect", "--format", "{{.State.Status}}", database!)).toBe("exited");
    project.apply(names.fleetStack);
    expect(docker("inspect", "--format", "{{.State.Status}}", containers("database")[0]!)).toBe("running");
  });

  test("destroying the fleet keeps volumes and networks", () => {
    const volumes = volumesOf(NAME);
    expect(project.destroy(names.fleetStack).status).toBe(0);
    expect(containers("worker").concat(containers("database"))).toEqual([]);
    expect(volumesOf(NAME)).toEqual(volumes);
    expect(volumes).toEqual(
      [
        names.secrets("api"),
        names.secrets("codex-worker"),
        names.secrets("gemini-worker"),
        names.secrets("postgres"),
        names.secrets("rabbitmq"),
        names.volumes.postgres,
        names.volumes.rabbitmq,
        names.volumes.workspaces,
        environment.settings.codex.volume_name,
      ].sort(),
    );
    expect(project.plan(names.dataStack).status).toBe(0);
  });
});

function docker(...argv: string[]): string {
  return execFileSync("docker", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trimEnd();
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

function containers(service: string): string[] {
  const filters = [`label=codex-fleet.environment=${NAME}`, `label=codex-fleet.service=${service}`].flatMap((filter) => [
    "--filter",
    filter,
  ]);
  return lines(docker("ps", "--all", "--quiet", "--no-trunc", ...filters));
}

function volumesOf(name: string): string[] {
  return lines(docker("volume", "ls", "--quiet", "--filter", `name=^${name}`));
}

interface Inspection {
  readonly Config: { readonly User: string; readonly StopTimeout: number; readonly Healthcheck: { readonly Retries: number } };
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

function inspect(id: string): Inspection {
  return (JSON.parse(docker("inspect", id)) as Inspection[])[0]!;
}

const HARDENING = [
  "ReadonlyRootfs",
  "CapDrop",
  "CapAdd",
  "SecurityOpt",
  "Privileged",
  "Memory",
  "MemorySwap",
  "NanoCpus",
  "Init",
  "RestartPolicy",
  "LogConfig",
  "Ulimits",
  "PortBindings",
  "Binds",
] as const;

function hardening(id: string): Record<string, unknown> {
  const { Config, HostConfig } = inspect(id);
  return { User: Config.User, StopTimeout: Config.StopTimeout, ...Object.fromEntries(HARDENING.map((key) => [key, HostConfig[key]])) };
}

function seconds(time: Date): string {
  return String(Math.floor(time.getTime() / 1_000));
}

/** The engine's events of the workers since a time. */
function workerEvents(since: string): { action: string; id: string; exitCode: string | undefined }[] {
  const filter = ["--filter", `label=codex-fleet.environment=${NAME}`, "--filter", "label=codex-fleet.service=worker"];
  const until = seconds(new Date(Date.now() + 1_000));
  return docker("events", "--since", since, "--until", until, "--format", "{{json .}}", ...filter)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { Action: string; Actor: { ID: string; Attributes: Record<string, string> } })
    .map(({ Action, Actor }) => ({ action: Action, id: Actor.ID, exitCode: Actor.Attributes.exitCode }));
}

/** The order of events: both new workers healthy, then both old ones told to stop. */
function rollingOrder(since: string, old: readonly string[]): string[] {
  const told = workerEvents(since).flatMap(({ action, id }) => {
    if (action === "health_status: healthy" && !old.includes(id)) return ["healthy"];
    return action === "kill" && old.includes(id) ? ["told to stop"] : [];
  });
  return told.filter((each, index) => told.indexOf(each) === index);
}

function exitCodes(since: string, old: readonly string[]): (string | undefined)[] {
  return workerEvents(since)
    .filter(({ action, id }) => action === "die" && old.includes(id))
    .map(({ exitCode }) => exitCode);
}

/** An image with a static shell from Debian's package, so that no container registry is needed. */
function makeTinyImage(): void {
  if (docker("images", "--quiet", IMAGE) !== "") return;
  const directory = mkdtempSync(path.join(tmpdir(), "fleet-tiny-"));
  const script = [
    "apt-get download busybox-static",
    "dpkg-deb -x busybox-static_*.deb root",
    "mkdir -p root/data root/run/fleet root/run/secrets root/tmp root/etc",
    "for applet in sh sleep touch cat stat date test; do ln -sf busybox root/bin/$applet; done",
    `tar -C root -c . | docker import --change 'ENV PATH=/bin:/usr/bin' - ${IMAGE}`,
  ].join(" && ");
  execFileSync("sh", ["-c", script], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}
