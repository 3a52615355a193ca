import { fleetChanges, hasChanges } from "../../../../cli/report/fleet-changes";
import { readPlan } from "../../../../cli/report/plan-json";
import { summaryLines } from "../../../../cli/report/plan-summary";

/** A container's attributes as in Terraform's provider, with those that a test sets. */
function container(service: string, attributes: object = {}) {
  return {
    name: `prod-${service}`,
    labels: [
      { label: "codex-fleet.environment", value: "prod" },
      { label: "codex-fleet.service", value: service },
      { label: "codex-fleet.digest", value: "1" },
    ],
    env: ["LOG_LEVEL=info", "TOKEN=never-shown"],
    ports: [],
    destroy_grace_seconds: 30,
    wait_timeout: 60,
    ...attributes,
  };
}

interface Change {
  readonly type?: string;
  readonly actions: string[];
  readonly before?: object;
  readonly after?: object;
  readonly replace_paths?: (string | number)[][];
  readonly after_unknown?: object;
}

function plan(...changes: readonly Change[]) {
  const resources = changes.map(({ type = "docker_container", before = null, after = null, ...change }, index) => ({
    address: `${type}.r${index}`,
    type,
    mode: "managed",
    change: { ...change, before, after },
  }));
  return fleetChanges(readPlan({ format_version: "1.2", resource_changes: resources }, "prod"));
}

const FIRST = ["create", "delete"];
const STOP = ["delete", "create"];

test("nothing to change", () => {
  const changes = plan({ actions: ["no-op"], before: container("api"), after: container("api") });
  expect(hasChanges(changes)).toBe(false);
  expect(summaryLines("prod", changes)).toEqual(["prod: nothing to change"]);
});

test("everything at once is ten lines", () => {
  const worker = container("celery_codex_worker", { destroy_grace_seconds: 2160, wait_timeout: 170 });
  const louder = { ...worker, env: ["LOG_LEVEL=debug", "NEW=1"] };
  const lines = summaryLines(
    "prod",
    plan(
      { actions: ["create"], after: container("scripted_model") },
      { actions: ["update"], before: container("postgres", { memory: 512 }), after: container("postgres", { memory: 1024 }) },
      { actions: FIRST, before: worker, after: louder, replace_paths: [["env"]] },
      { actions: FIRST, before: worker, after: louder, replace_paths: [["env"]] },
      {
        actions: STOP,
        before: container("api", { ports: [{ ip: "127.0.0.1", external: 8080 }] }),
        after: container("api", { ports: [{ ip: "0.0.0.0", external: 8080 }] }),
        replace_paths: [["ports", 0, "ip"]],
      },
      { actions: ["delete"], before: container("celery_gemini_worker", { destroy_grace_seconds: 600 }) },
      { type: "docker_image", actions: ["create"], after: { name: "registry.example:5000/codex-fleet/worker:1c8fff4ca18b" } },
      { type: "docker_volume", actions: ["delete"], before: { name: "prod-postgres-data" } },
      { type: "docker_volume", actions: ["create"], after: { name: "prod-secrets-api" } },
      { type: "docker_network", actions: STOP, before: { name: "prod-edge" }, after: { name: "prod-edge" } },
    ),
  );
  expect(lines).toEqual([
    "prod: 3 to create, 1 to update, 4 to replace, 2 to destroy",
    "  create        scripted_model",
    "  in place      postgres (memory)",
    "  no gap        celery_codex_worker x2 (env ~LOG_LEVEL +NEW -TOKEN)",
    "  with a gap    api (ports)",
    "  destroy       celery_gemini_worker",
    "  images        registry.example:5000/codex-fleet/worker, built or pulled first",
    "  data          DELETED WITH EVERYTHING IN IT: prod-postgres-data; 1 new volume; networks recreated: prod-edge",
    "  exposure      api on 0.0.0.0:8080 (OTHER MACHINES); api no longer on 127.0.0.1:8080",
    "  longest wait  39 min at most; celery_codex_worker may finish what it runs (36 min)",
  ]);
});

test("it never contains values of variables", () => {
  const before = container("api");
  const changes = plan({ actions: STOP, before, after: { ...before, env: ["TOKEN=never-shown-either"] }, replace_paths: [["env"]] });
  expect(JSON.stringify(changes)).not.toContain("never-shown");
});

test.each<[string, object, (string | number)[][], object, string[]]>([
  [
    "the digest stands for what the provider would not replace for",
    { labels: digest("2") },
    [["labels"]],
    {},
    ["health check, mounts, tmpfs, init or secret revision"],
  ],
  ["a label of one's own", { labels: [...digest("1"), { label: "team", value: "a" }] }, [["labels"]], {}, ["labels +team"]],
  ["variables that are known only later", { env: undefined }, [["env"]], { env: true }, ["env"]],
  ["several reasons", { env: ["LOG_LEVEL=info", "TOKEN=b"], image: "sha256:2" }, [["image"], ["env"]], {}, ["env ~TOKEN", "image"]],
])("why it is replaced: %s", (_what, differing, replace_paths, after_unknown, causes) => {
  const before = container("api", { image: "sha256:1" });
  const { services } = plan({ actions: STOP, before, after: { ...before, ...differing }, replace_paths, after_unknown });
  expect(services).toEqual([{ service: "api", action: "replace", containers: 1, gap: true, causes, grace: 30 }]);
});

function digest(value: string) {
  return container("api").labels.map((each) => (each.label === "codex-fleet.digest" ? { ...each, value } : each));
}

test.each([
  [[{ ip: "", external: 80 }], "0.0.0.0:80", true],
  [[{ external: 80 }], "0.0.0.0:80", true],
  [[{ ip: "0.0.0.0", external: null }], "0.0.0.0:any port", true],
  [[{ ip: "192.0.2.7", external: 80 }], "192.0.2.7:80", true],
  [[{ ip: "127.0.0.1", external: 80 }], "127.0.0.1:80", false],
  [[{ ip: "::1", external: 80 }], "::1:80", false],
])("a container that publishes %j is on %s", (ports, address, reachable) => {
  const { exposure } = plan({ actions: ["create"], after: container("api", { ports }) });
  expect(exposure).toEqual([{ service: "api", address, change: "opened", public: reachable }]);
});

test("a container of another project is shown by its name, and long lists of causes are cut", () => {
  const before = { name: "web", a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 };
  const changes = plan({ actions: ["update"], before, after: { name: "web", a: 2, b: 2, c: 2, d: 2, e: 2, f: 2 } });
  expect(summaryLines("shop", changes).slice(0, 2)).toEqual(["shop: 1 to update", "  in place      web (a, b, c, d and 2 more)"]);
});
