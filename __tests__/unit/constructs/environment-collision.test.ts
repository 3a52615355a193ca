import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Environment, FleetStack } from "../../../constructs";
import type { EnvironmentInput } from "../../../constructs";
import { collisions } from "../../../constructs/environment-collision";
import { App } from "../../../constructs/tf";
import { SMALL_CONTEXT } from "../../support/synthesized";

const found = (one: EnvironmentInput, other: EnvironmentInput): string[] =>
  collisions(
    { name: "one", settings: Environment.fromSettings(one).settings },
    { name: "other", settings: Environment.fromSettings(other).settings },
  );

const port = (listen: string) => ({ api: { listen } });
const VOLUME =
  'environments one and other both own the volume "vol" (codex.volume_name): give one another name, or set codex.volume_imported = true where it is only used';
const PORT_HELP = "(api.listen): choose another port in one of them, or set engine.host when they run on different engines";

test.each<[string, EnvironmentInput, EnvironmentInput, string[]]>([
  ["different volumes and ports", { codex: { volume_name: "vol1" } }, { codex: { volume_name: "vol2" }, ...port("127.0.0.1:8090") }, []],
  ["one volume", { codex: { volume_name: "vol" } }, { codex: { volume_name: "vol" }, ...port("127.0.0.1:8090") }, [VOLUME]],
  [
    "one volume, imported by one",
    { codex: { volume_name: "vol" } },
    { codex: { volume_name: "vol", volume_imported: true }, ...port("127.0.0.1:8090") },
    [],
  ],
  ["one port", { codex: { volume_name: "a_vol" } }, {}, [`environments one and other both publish 127.0.0.1:8080 ${PORT_HELP}`]],
  ["one port on two addresses", { codex: { volume_name: "a_vol" }, ...port("127.0.0.2:8080") }, {}, []],
  [
    "one port, once on all addresses",
    { codex: { volume_name: "a_vol" }, ...port("0.0.0.0:8080") },
    {},
    [`environments one and other both publish 0.0.0.0:8080 and 127.0.0.1:8080 ${PORT_HELP}`],
  ],
  [
    "the demonstration's GitHub",
    { codex: { volume_name: "a_vol" }, demo: { scripted_services: true } },
    port("127.0.0.1:8081"),
    [`environments one and other both publish 127.0.0.1:8081 ${PORT_HELP}`],
  ],
  ["everything, on two engines", { engine: { host: "ssh://a@one" } }, { engine: { host: "ssh://a@two" } }, []],
])("%s", (_, one, other, expected) => {
  expect(found(one, other)).toEqual(expected);
});

test("two fleets of an application that collide fail before anything is written", () => {
  const outdir = path.join(mkdtempSync(path.join(tmpdir(), "fleet-collision-")), "out");
  const app = new App({ outdir });
  new FleetStack(app, "one", {}, { imageContext: SMALL_CONTEXT() });
  expect(() => new FleetStack(app, "two", {}, { imageContext: SMALL_CONTEXT() })).toThrow(
    /both own the volume "codex_auth_volume"[^]*both publish 127\.0\.0\.1:8080/,
  );
  expect(readdirSync(outdir, { recursive: true })).toEqual(["stacks"]);
});
