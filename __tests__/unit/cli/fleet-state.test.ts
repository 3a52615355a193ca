import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseFleetState, stateFile } from "../../../cli/terraform/fleet-state";
import { Environment } from "../../../constructs/environment";
import type { EnvironmentInput } from "../../../constructs";

const state = (...resources: object[]) => JSON.stringify({ version: 4, serial: 3, resources });
const volume = { mode: "managed", type: "docker_volume", instances: [{ attributes: { id: "x-postgres-data" } }] };
const network = (id: string) => ({ mode: "managed", type: "docker_network", instances: [{ attributes: { id, name: `name of ${id}` } }] });

test("networks of the data stack, containers of the fleet with deposed and tainted ones", () => {
  const fleet = state(
    { mode: "managed", type: "docker_image", instances: [{ attributes: { id: "sha256:1" } }] },
    {
      mode: "managed",
      type: "docker_container",
      instances: [
        { attributes: { id: "new", networks_advanced: [{ name: "x-edge", aliases: ["api"], ipv4_address: "" }] } },
        { deposed: "5ac5bcc7", attributes: { id: "old", networks_advanced: [{ name: "x-edge", aliases: null }] } },
        { status: "tainted", attributes: { id: "failed" } },
      ],
    },
  );
  expect(parseFleetState(state(network("n1"), network("n2"), volume), fleet)).toEqual({
    networks: new Set(["n1", "n2"]),
    volumes: new Set(["x-postgres-data"]),
    containers: new Map([
      ["new", [{ name: "x-edge", aliases: ["api"] }]],
      ["old", [{ name: "x-edge", aliases: [] }]],
      ["failed", []],
    ]),
  });
});

test.each([
  ["", ""],
  [state(), '{"version":4}\n'],
])("states of nothing: %j and %j", (data, fleet) => {
  expect(parseFleetState(data, fleet)).toEqual({ networks: new Set(), volumes: new Set(), containers: new Map() });
});

test("a state of another version is refused", () => {
  expect(() => parseFleetState('{"version":5}', "")).toThrow("terraform's state has version 5, but codex-fleet reads version 4");
});

const root = mkdtempSync(path.join(tmpdir(), "fleet-state-"));
writeFileSync(path.join(root, "cdktf.json"), '{"app":"true","output":"out"}');
afterAll(() => rmSync(root, { recursive: true }));

test.each<[EnvironmentInput["backend"], string | undefined]>([
  [undefined, path.join(root, "terraform.dev-data.tfstate")],
  [{ type: "local", path: "/var/lib/{stack}.tfstate" }, "/var/lib/dev-data.tfstate"],
  [{ type: "local", path: "{stack}.tfstate" }, path.join(root, "out/stacks/dev-data/dev-data.tfstate")],
  [{ type: "s3", key: "{stack}" }, undefined],
])("with the backend %j the state of a stack is in %s", (backend, file) => {
  const { settings } = Environment.fromSettings({ embedding: { provider: "none" }, ...(backend === undefined ? {} : { backend }) });
  expect(stateFile({ project: { root, environments: path.join(root, "environments") }, settings }, "dev-data")).toBe(file);
});
