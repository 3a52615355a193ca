import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Environment, FleetStack } from "../../../constructs";
import type { EnvironmentInput } from "../../../constructs";
import { collisions, ownCollisions } from "../../../constructs/environment-collision";
import type { SettingIssue } from "../../../constructs/environment-problem";
import { App } from "../../../constructs/tf";
import { SMALL_CONTEXT } from "../../support/synthesized";

const named = (name: string, settings: EnvironmentInput) => ({
  name,
  settings: Environment.fromSettings({ embedding: { provider: "none" }, ...settings }).settings,
});

const messages = (issues: readonly SettingIssue[]) => issues.map(({ path: key, message }) => `${key.join(".")} ${message}`);

const port = (listen: string) => ({ api: { listen } });
const VOLUME = 'codex.volume_name names the volume "vol", which environment one owns as well as other';

test.each<[string, EnvironmentInput, EnvironmentInput, string[]]>([
  ["different volumes and ports", { codex: { volume_name: "vol1" } }, { codex: { volume_name: "vol2" }, ...port("127.0.0.1:8090") }, []],
  ["one volume", { codex: { volume_name: "vol" } }, { codex: { volume_name: "vol" }, ...port("127.0.0.1:8090") }, [VOLUME]],
  [
    "one volume, imported by one",
    { codex: { volume_name: "vol" } },
    { codex: { volume_name: "vol", volume_imported: true }, ...port("127.0.0.1:8090") },
    [],
  ],
  [
    "one port",
    { codex: { volume_name: "a_vol" } },
    {},
    ["api.listen makes other publish 127.0.0.1:8080, where environment one publishes 127.0.0.1:8080"],
  ],
  ["one port on two addresses", { codex: { volume_name: "a_vol" }, ...port("127.0.0.2:8080") }, {}, []],
  [
    "one port, once on all addresses",
    { codex: { volume_name: "a_vol" }, ...port("0.0.0.0:8080") },
    {},
    ["api.listen makes other publish 127.0.0.1:8080, where environment one publishes 0.0.0.0:8080"],
  ],
  [
    "the demonstration's GitHub",
    { codex: { volume_name: "a_vol" }, demo: { scripted_services: true } },
    port("127.0.0.1:8081"),
    ["api.listen makes other publish 127.0.0.1:8081, where environment one publishes 127.0.0.1:8081"],
  ],
  [
    "two demonstrations",
    { codex: { volume_name: "a_vol", auth: "none", provider_url: "http://model" }, demo: { scripted_services: true } },
    { codex: { auth: "none", provider_url: "http://model" }, demo: { scripted_services: true }, ...port("127.0.0.1:8090") },
    ["demo.github_listen makes other publish 127.0.0.1:8081, where environment one publishes 127.0.0.1:8081"],
  ],
  [
    "two demonstrations, each with its ports",
    { codex: { volume_name: "a_vol" }, demo: { scripted_services: true } },
    { demo: { scripted_services: true, github_listen: "127.0.0.1:8091" }, ...port("127.0.0.1:8090") },
    [],
  ],
  [
    "a volume of the other one's own",
    { codex: { volume_name: "other-postgres-data" } },
    port("127.0.0.1:8090"),
    ['codex.volume_name names the volume "other-postgres-data", which environment one owns as well as other'],
  ],
  ["everything, on two engines", { engine: { host: "ssh://a@one" } }, { engine: { host: "ssh://a@two" } }, []],
])("%s", (_, one, other, expected) => {
  expect(messages(collisions(named("one", one), named("other", other)))).toEqual(expected);
});

test("a login volume with the name of another volume of its environment", () => {
  expect(messages(ownCollisions(named("one", { codex: { volume_name: "one-postgres-data" } })))).toEqual([
    'codex.volume_name must not be the name of another volume of the environment, got "one-postgres-data"',
  ]);
  expect(ownCollisions(named("one", {}))).toEqual([]);
});

test("two fleets of an application that collide fail before anything is written", () => {
  const outdir = path.join(mkdtempSync(path.join(tmpdir(), "fleet-collision-")), "out");
  const app = new App({ outdir });
  const settings = { embedding: { provider: "none" } } as const;
  new FleetStack(app, "one", settings, { imageContext: SMALL_CONTEXT() });
  expect(() => new FleetStack(app, "two", settings, { imageContext: SMALL_CONTEXT() })).toThrow(
    /^2 problems in the environment[^]*the volume "codex_auth_volume"[^]*makes two publish 127\.0\.0\.1:8080/,
  );
  expect(readdirSync(outdir, { recursive: true })).toEqual(["stacks"]);
});
