import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SECRET_CONSUMERS, SECRET_OWNERS, secretVolumeName } from "../../runtime/contract";
import { output, run } from "../support/command";
import type { CommandResult } from "../support/command";

/** Secrets on a real engine: who owns the files, what commands show of them, and that no container ever runs for them. */

const checkout = join(__dirname, "../..");
const ENVIRONMENT = `sec${process.pid}`;
const volumes = SECRET_CONSUMERS.map((consumer) => secretVolumeName(ENVIRONMENT, consumer));
let project: string;
let since: string;

jest.setTimeout(120_000);

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "codex-fleet-secrets-"));
  cpSync(join(checkout, "cdktf.json"), join(project, "cdktf.json"));
  mkdirSync(join(project, "environments"));
  writeFileSync(join(project, "environments", `${ENVIRONMENT}.toml`), '[embedding]\ncredential = "gemini_api_key"\n');
  since = await engineTime();
});

afterAll(async () => {
  await run("docker", ["volume", "rm", "--force", ...volumes, `${ENVIRONMENT}-postgres-data`]);
  rmSync(project, { recursive: true });
});

function fleet(args: readonly string[], input?: string): Promise<CommandResult> {
  const loader = join(checkout, "node_modules/tsx/dist/loader.mjs");
  const program = join(checkout, "cli/codex-fleet.ts");
  return run("node", ["--import", loader, program, ...args], { cwd: project, ...(input === undefined ? {} : { input }) });
}

/** Content of every file of a volume by path, with owner and mode, read without starting anything. */
async function contents(consumer: (typeof SECRET_CONSUMERS)[number]): Promise<Record<string, { owner: string; content: string }>> {
  const container = await output("docker", [
    "create",
    "--volume",
    `${secretVolumeName(ENVIRONMENT, consumer)}:/s`,
    "codex-fleet/empty:1",
    "x",
  ]);
  const directory = mkdtempSync(join(project, "copy-"));
  await output("sh", ["-c", `docker cp ${container}:/s - | tar -x -C ${directory} --numeric-owner --same-owner --same-permissions`]);
  await output("docker", ["rm", container]);
  const listing = await output("find", [`${directory}/s`, "-type", "f", "-printf", "%P %U:%G:%m\n"]);
  const files: Record<string, { owner: string; content: string }> = {};
  for (const line of listing.split("\n").sort()) {
    const [name, owner] = line.split(" ") as [string, string];
    files[name] = { owner, content: await output("cat", [`${directory}/s/${name}`]) };
  }
  return files;
}

async function everything(): Promise<Record<string, Record<string, { owner: string; content: string }>>> {
  const entries: [string, Record<string, { owner: string; content: string }>][] = [];
  for (const consumer of SECRET_CONSUMERS) entries.push([consumer, await contents(consumer)]);
  return Object.fromEntries(entries);
}

async function engineTime(): Promise<string> {
  return (JSON.parse(await output("docker", ["info", "--format", "{{json .SystemTime}}"])) as string).replace(/\.\d+/, "");
}

test("init makes every secret, owned by its reader and readable by nobody else", async () => {
  const made = await fleet(["secrets", "init", ENVIRONMENT]);
  expect(made.code).toBe(0);
  const files = await everything();
  expect(Object.fromEntries(Object.entries(files).map(([consumer, each]) => [consumer, Object.keys(each)]))).toEqual({
    rabbitmq: ["definitions/fleet.json"],
    postgres: ["postgres_password"],
    api: ["fleet_api_token", "postgres_password", "rabbitmq_password"],
    "codex-worker": ["postgres_password", "rabbitmq_password"],
    "gemini-worker": ["postgres_password", "rabbitmq_password"],
  });
  for (const consumer of SECRET_CONSUMERS) {
    const { uid, gid } = SECRET_OWNERS[consumer];
    expect(Object.values(files[consumer]!).map(({ owner }) => owner)).toEqual(Object.keys(files[consumer]!).map(() => `${uid}:${gid}:400`));
  }
  const passwords = ["postgres", "api", "codex-worker", "gemini-worker"].map((consumer) => files[consumer]!.postgres_password!.content);
  expect(new Set(passwords).size).toBe(1);
  expect(passwords[0]).toMatch(/^[\w-]{43}$/);
});

test("init again changes nothing, and completes a volume that was lost with the values there are", async () => {
  const before = await everything();
  expect((await fleet(["secrets", "init", ENVIRONMENT])).stdout).toBe(`nothing to do: every secret of ${ENVIRONMENT} exists\n`);
  await output("docker", ["volume", "rm", secretVolumeName(ENVIRONMENT, "gemini-worker")]);
  await fleet(["secrets", "init", ENVIRONMENT]);
  expect(await everything()).toEqual(before);
});

test("set stores a value from standard input for its readers, and list shows no value", async () => {
  const set = await fleet(["secrets", "set", ENVIRONMENT, "gemini_api_key"], "a-value-of-mine\n");
  expect(set).toEqual({
    code: 0,
    stdout: `stored    ${ENVIRONMENT}-secrets-codex-worker: gemini_api_key\nstored    ${ENVIRONMENT}-secrets-gemini-worker: gemini_api_key\n`,
    stderr: "",
  });
  const files = await everything();
  expect(files["gemini-worker"]!.gemini_api_key).toEqual({ owner: "1000:1000:400", content: "a-value-of-mine" });
  const list = await fleet(["secrets", "list", ENVIRONMENT]);
  const rows = list.stdout
    .split("\n")
    .slice(1, -1)
    .map((line) => line.split(/\s{2,}/));
  expect(rows.map(([name, reader, size, , owner]) => [name, reader, size, owner])).toEqual([
    ["definitions/fleet.json", "rabbitmq", `${files.rabbitmq!["definitions/fleet.json"]!.content.length} bytes`, "999:0400"],
    ["postgres_password", "postgres", "43 bytes", "999:0400"],
    ["fleet_api_token", "api", "43 bytes", "1000:0400"],
    ["postgres_password", "api", "43 bytes", "1000:0400"],
    ["rabbitmq_password", "api", "43 bytes", "1000:0400"],
    ["gemini_api_key", "codex-worker", "15 bytes", "1000:0400"],
    ["postgres_password", "codex-worker", "43 bytes", "1000:0400"],
    ["rabbitmq_password", "codex-worker", "43 bytes", "1000:0400"],
    ["gemini_api_key", "gemini-worker", "15 bytes", "1000:0400"],
    ["postgres_password", "gemini-worker", "43 bytes", "1000:0400"],
    ["rabbitmq_password", "gemini-worker", "43 bytes", "1000:0400"],
  ]);
  const values = Object.values(files).flatMap((each) => Object.values(each).map(({ content }) => content));
  expect(values.filter((value) => list.stdout.includes(value))).toEqual([]);
});

test("a secret the fleet makes itself cannot be set by hand", async () => {
  const refused = await fleet(["secrets", "set", ENVIRONMENT, "postgres_password"], "mine\n");
  expect(refused.code).toBe(64);
  expect(refused.stderr).toBe(
    'codex-fleet: postgres_password is made by "secrets init" and not set by hand; you can set openai_api_key, gemini_api_key, google_api_key, github_token, proxy_credentials\n',
  );
});

test("a database whose password nobody holds any more is refused", async () => {
  const data = await output("docker", ["create", "--volume", `${ENVIRONMENT}-postgres-data:/d`, "codex-fleet/empty:1", "x"]);
  writeFileSync(join(project, "PG_VERSION"), "17\n");
  await output("docker", ["cp", join(project, "PG_VERSION"), `${data}:/d/PG_VERSION`]);
  await output("docker", ["rm", data]);
  await output("docker", ["volume", "rm", ...volumes]);
  const refused = await fleet(["secrets", "init", ENVIRONMENT]);
  expect(refused.code).toBe(78);
  expect(refused.stderr).toContain(`the volume ${ENVIRONMENT}-postgres-data holds a database, but no volume holds its password any more`);
  expect((await output("docker", ["volume", "ls", "--quiet"])).split("\n")).not.toContain(volumes[0]);
});

test("the containers that carried the secrets never started and are gone", async () => {
  const label = ["--filter", "label=codex-fleet.purpose=secrets"];
  const events = await output("docker", [
    "events",
    "--since",
    since,
    "--until",
    await engineTime(),
    "--filter",
    "type=container",
    ...label,
    "--format",
    "{{.Action}}",
  ]);
  const actions = new Set(events.split("\n"));
  expect(actions.has("create")).toBe(true);
  expect(actions.has("start")).toBe(false);
  expect(await output("docker", ["ps", "--all", "--quiet", ...label])).toBe("");
});
