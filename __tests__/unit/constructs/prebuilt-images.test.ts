import { FleetStack } from "../../../constructs";
import type { EnvironmentInput } from "../../../constructs";
import { SMALL_CONTEXT, synthesized } from "../../support/synthesized";
import type { Stack } from "../../support/synthesized";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const IMAGES = {
  worker: `registry.example/fleet/worker@${digest("1")}`,
  runtime: `registry.example/fleet/runtime@${digest("2")}`,
  broker: `registry.example/fleet/broker@${digest("3")}`,
};

function stackWith(settings: EnvironmentInput): Stack {
  const all = { embedding: { provider: "none" }, ...settings } as EnvironmentInput;
  return synthesized((app) => new FleetStack(app, "test", all, { imageContext: SMALL_CONTEXT() })).get("test")!;
}

/** Names of images; images that are built are marked. */
function images(stack: Stack): string[] {
  return Object.values(stack.resource["docker_image"]!)
    .map(({ name, build }) => (build === undefined ? (name as string) : `built ${(name as string).replace(/:.*/, "")}`))
    .sort();
}

test("images that were built before are pulled by digest, nothing is built", () => {
  expect(images(stackWith({ images: IMAGES }))).toEqual(["postgres:17", IMAGES.broker, IMAGES.runtime, IMAGES.worker]);
});

test("each of them alone", () => {
  expect(images(stackWith({ images: { worker: IMAGES.worker } }))).toEqual([
    "built codex-fleet/broker",
    "built codex-fleet/runtime",
    "postgres:17",
    IMAGES.worker,
  ]);
});

test("a login is the operator's own, for the registries that need one", () => {
  const provider = (settings: EnvironmentInput): unknown => stackWith(settings).provider["docker"];
  expect(provider({})).toEqual([{}]);
  expect(provider({ registries: { login: ["registry.example:5000"] } })).toEqual([
    { registry_auth: [{ address: "registry.example:5000", config_file: "~/.docker/config.json" }] },
  ]);
});
