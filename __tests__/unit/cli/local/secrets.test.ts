import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Environment } from "../../../../constructs/environment";
import { LocalInstance } from "../../../../cli/local/instance";
import { initialiseLocalSecrets, readLocalSecrets, writeLocalSecrets } from "../../../../cli/local/secrets";

let directory: string;
let instance: LocalInstance;
const dev = { name: "dev", settings: Environment.fromSettings({ embedding: { provider: "none" } }).settings };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "instance-"));
  instance = new LocalInstance(
    "dev",
    "/project",
    { uid: 1, gid: 1, name: "ada", dataHome: directory, cacheHome: "/cache", change: false },
    join(directory, "dev"),
  );
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("the fleet's own secrets are created once, and only their owner can read them", () => {
  const made = initialiseLocalSecrets(dev, instance);
  expect(made.map(({ consumer, name }) => `${consumer} ${name}`)).toEqual([
    "postgres postgres_password",
    "api postgres_password",
    "codex-worker postgres_password",
    "gemini-worker postgres_password",
    "api rabbitmq_password",
    "codex-worker rabbitmq_password",
    "gemini-worker rabbitmq_password",
    "api fleet_api_token",
    "rabbitmq definitions/fleet.json",
  ]);
  expect(new Set(readLocalSecrets(instance).map(({ mode }) => mode))).toEqual(new Set([0o400]));
  expect(statSync(instance.secrets("api")).mode & 0o777).toBe(0o700);
  expect(initialiseLocalSecrets(dev, instance)).toEqual([]);
});

test("a value is replaced as a whole", () => {
  const write = (content: string) => writeLocalSecrets(instance, [{ consumer: "api", name: "fleet_api_token", content }]);
  write("one");
  write("two");
  expect(readFileSync(join(instance.secrets("api"), "fleet_api_token"), "utf8")).toBe("two");
  expect(readLocalSecrets(instance).map(({ name }) => name)).toEqual(["fleet_api_token"]);
});

test("a database whose password is lost does not get another one", () => {
  mkdirSync(instance.at("postgres"), { recursive: true });
  expect(() => initialiseLocalSecrets(dev, instance)).toThrow(/holds a database, but its password is in no file below .*rm -r/);
});
