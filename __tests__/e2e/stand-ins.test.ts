import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokerDefinitions, rabbitPasswordHash, readConfiguration, ROUTING_VARIABLES } from "../../runtime/contract";
import { output, run } from "../support/command";
import { buildClient, dockerIsMissing } from "../support/docker";
import { eventually } from "../support/eventually";
import { passesHealthCheck, runContainer } from "../support/run-container";
import { standIn } from "../support/stand-in";
import { containerOf, synthesizedFleet } from "../support/synthesized";
import type { Json } from "../support/synthesized";

/**
 * The replacements keep what the official images of RabbitMQ and PostgreSQL promise (docs/official-images.md). They run as
 * the fleet runs them, and the official images can use their data.
 */

const RUN = `stand-ins-test-${process.pid}`;
const scratch = mkdtempSync(join(tmpdir(), "fleet-stand-ins-"));
const volumes: string[] = [];
const containers: string[] = [];
const images: string[] = [];

jest.setTimeout(10 * 60_000);

const missing = dockerIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, stand-ins are not tested: ${missing}`);
const withDocker = missing === undefined ? test : test.skip;

afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  if (missing !== undefined) return;
  for (const name of containers) await run("docker", ["rm", "--force", name]);
  for (const name of volumes) await run("docker", ["volume", "rm", name]);
  for (const name of images) await run("docker", ["image", "rm", name]);
});

withDocker("PostgreSQL: account, paths, variables and signal of the official image", async () => {
  const image = await standIn("postgres");
  const { Env, Entrypoint, Cmd, StopSignal, Volumes, ExposedPorts } = await configuration(image);
  expect({ Env: variables(Env), Entrypoint, Cmd, StopSignal, Volumes, ExposedPorts }).toEqual({
    Env: {
      PATH: "/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      PGDATA: "/var/lib/postgresql/data",
      PG_MAJOR: "17",
      LANG: "C.UTF-8",
    },
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["postgres"],
    StopSignal: "SIGINT",
    Volumes: { "/var/lib/postgresql/data": {} },
    ExposedPorts: { "5432/tcp": {} },
  });
  expect(await account(image, "postgres", "/var/lib/postgresql/data")).toBe("999:999 /var/lib/postgresql\n999:999");
});

withDocker("RabbitMQ: account, paths and variables of the official image", async () => {
  const image = await standIn("rabbitmq");
  const { Env, Cmd, Volumes } = await configuration(image);
  expect({ Env: variables(Env), Cmd, Volumes }).toEqual({
    Env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/var/lib/rabbitmq",
      RABBITMQ_DATA_DIR: "/var/lib/rabbitmq",
      LANG: "C.UTF-8",
      LANGUAGE: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      RUNNING_UNDER_SYSTEMD: "true",
    },
    Cmd: ["rabbitmq-server"],
    Volumes: { "/var/lib/rabbitmq": {} },
  });
  expect(await account(image, "rabbitmq", "/var/lib/rabbitmq")).toBe("999:999 /var/lib/rabbitmq\n999:999");
  expect(await output("docker", ["run", "--rm", "--network", "none", image, "ls", "-A", "/var/lib/rabbitmq"])).toBe("");
});

withDocker("a database made under the fleet's settings asks for its password and needs nothing of the image that made it", async () => {
  const image = await standIn("postgres");
  const definition = containerOf(synthesizedFleet({ embedding: { provider: "none" } }).fleet, "postgres");
  const mounted = {
    "test-postgres-data": await volume("postgres"),
    "test-secrets-postgres": await secrets(image, { postgres_password: "planted" }),
  };
  const name = container("postgres");
  await runContainer(definition, { image, name, volumes: mounted });
  await eventually(async () => expect(await passesHealthCheck(definition, name)).toBe(true), 120_000);
  const ask = (password: string, host: string): string[] => [
    ...["exec", "--env", `PGPASSWORD=${password}`, name, "psql", "-h", host, "-U", "fleet", "-d", "fleet", "-Atc"],
    "select datcollate, datctype, datlocprovider, current_setting('lc_messages'), current_setting('listen_addresses') from pg_database where datname = 'fleet'",
  ];
  expect(await output("docker", ask("planted", "127.0.0.1"))).toBe("C.UTF-8|C.UTF-8|c|C.UTF-8|*");
  expect((await run("docker", ask("wrong", "127.0.0.1"))).stderr).toContain('password authentication failed for user "fleet"');
  const hba = await output("docker", [
    "exec",
    name,
    "sh",
    "-c",
    "sed -n 's/^\\(local\\|host\\) .* \\([a-z0-9-]*\\)$/\\1 \\2/p' $PGDATA/pg_hba.conf | sort -u",
  ]);
  expect(hba).toBe("host scram-sha-256\nlocal trust");
  expect(
    await output("docker", ["exec", name, "sh", "-c", "stat -c '%u:%g %a' $PGDATA; grep -c '^listen_addresses' $PGDATA/postgresql.conf"]),
  ).toBe("999:999 700\n1");
  await output("docker", ["stop", name]);
  expect(await exitCode(name)).toBe("0");

  // No entrypoint, as another image of the same server would start it.
  const bare = container("postgres-bare");
  await runContainer(definition, { image, name: bare, volumes: mounted, extra: ["--entrypoint", ""] });
  await eventually(async () => expect(await passesHealthCheck(definition, bare)).toBe(true), 60_000);
  expect(
    await output(
      "docker",
      ask("planted", "127.0.0.1").map((each) => (each === name ? bare : each)),
    ),
  ).toBe("C.UTF-8|C.UTF-8|c|C.UTF-8|*");
});

withDocker("a broker under the fleet's settings loads its definitions and keeps its data where the official image does", async () => {
  const base = await standIn("rabbitmq");
  const definition = containerOf(synthesizedFleet({ embedding: { provider: "none" } }).fleet, "rabbitmq");
  const image = `codex-fleet/broker:${RUN}`;
  images.push(image);
  await output(
    await buildClient(),
    ["build", "--quiet", "--build-arg", `BASE_IMAGE=${base}`, "--tag", image, join(__dirname, "../../assets/broker")],
    {
      env: { ...process.env, DOCKER_BUILDKIT: "1" },
    },
  );
  const hash = rabbitPasswordHash("planted", Buffer.from([1, 2, 3, 4]));
  const definitions = JSON.stringify(brokerDefinitions(readConfiguration(ROUTING_VARIABLES, {}), { api: hash, worker: hash }));
  const mounted = {
    "test-rabbitmq-data": await volume("rabbitmq"),
    "test-secrets-rabbitmq": await secrets(base, { "definitions/fleet.json": definitions }),
  };
  const name = container("rabbitmq");
  await runContainer(definition, { image, name, volumes: mounted });
  await eventually(async () => expect(await passesHealthCheck(definition, name)).toBe(true), 120_000);
  const inside = (script: string): Promise<string> => output("docker", ["exec", name, "sh", "-c", script]);
  expect(await inside("rabbitmqctl -q list_queues --no-table-headers name type | sort | tr '\\t' ' '")).toBe(
    ["codex quorum", "codex.dead quorum", "gemini quorum", "gemini.dead quorum", "speckit quorum", "speckit.dead quorum"].join("\n"),
  );
  expect(await inside("rabbitmqctl -q list_users --no-table-headers | cut -f1 | sort")).toBe("api\nworker");
  expect(await inside("stat -c '%u %a' $HOME/.erlang.cookie; ls -d $HOME/mnesia/rabbit@rabbitmq")).toBe(
    "999 400\n/var/lib/rabbitmq/mnesia/rabbit@rabbitmq",
  );
  await output("docker", ["stop", name]);
  expect(await exitCode(name)).toBe("0");
});

async function configuration(image: string): Promise<Json & { Env: string[] }> {
  return JSON.parse(await output("docker", ["image", "inspect", "--format", "{{json .Config}}", image])) as Json & { Env: string[] };
}

function variables(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]));
}

/** Ids and home of an account, and who owns the data directory. */
function account(image: string, name: string, data: string): Promise<string> {
  const script = `getent passwd ${name} | awk -F: '{ print $3 ":" $4, $6 }'; stat -c %u:%g ${data}`;
  return output("docker", ["run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", script]);
}

async function volume(name: string): Promise<string> {
  const full = `${RUN}-${name}`;
  volumes.push(full);
  await output("docker", ["volume", "create", full]);
  return full;
}

/** A secrets volume as codex-fleet fills it: files that uid 999 owns and only it can read. */
async function secrets(image: string, files: Readonly<Record<string, string>>): Promise<string> {
  const name = await volume(`secrets-${volumes.length}`);
  const directory = mkdtempSync(join(scratch, "secrets-"));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(directory, file, ".."), { recursive: true });
    writeFileSync(join(directory, file), content);
  }
  const script = "cp -R /from/. /to/ && chown -R 999:999 /to && find /to -type f -exec chmod 0400 {} + && chmod 0755 /to";
  await output("docker", [
    "run",
    "--rm",
    "--user",
    "0",
    "--network",
    "none",
    "--volume",
    `${directory}:/from:ro`,
    "--volume",
    `${name}:/to`,
    "--entrypoint",
    "sh",
    image,
    "-c",
    script,
  ]);
  return name;
}

function container(name: string): string {
  const full = `${RUN}-${name}`;
  containers.push(full);
  return full;
}

function exitCode(name: string): Promise<string> {
  return output("docker", ["inspect", "--format", "{{.State.ExitCode}}", name]);
}
