import { Environment } from "../../../constructs/environment";
import { ResourceNames } from "../../../constructs/resource-names";
import { keptLines } from "../../../cli/fleet/take-down";
import { listenUrl } from "../../../constructs/listen-address";
import { nextSteps } from "../../../cli/up/next-steps";
import type { EnvironmentInput } from "../../../constructs/environment-schema";

function environment(name: string, input: EnvironmentInput) {
  return {
    name,
    settings: Environment.fromSettings({ embedding: { provider: "none" }, ...input }).settings,
    names: new ResourceNames(name),
    project: { root: "/p", environments: "/p/e" },
    file: "/p/e/x.toml",
  };
}

test("an environment with a login", () => {
  expect(nextSteps(environment("dev", { api: { listen: "0.0.0.0:9000" } }))).toEqual([
    "API                http://127.0.0.1:9000/api/workflows/speckit",
    "sign Codex in      npm run -s fleet -- login dev",
    "start a run        npm run -s fleet -- run OWNER/REPO --env dev --follow",
    "look at it         npm run -s fleet -- ps dev",
    "secrets            npm run -s fleet -- secrets list dev",
    "take it down       npm run -s fleet -- down dev",
  ]);
});

test("what down keeps, and how it is deleted while Terraform protects it", () => {
  expect(keptLines(environment("dev", { codex: { volume_name: "login" } }))).toEqual([
    "dev is down. Kept: the stack dev-data with its networks and these volumes:",
    "  login",
    "  dev-rabbitmq-data",
    "  dev-postgres-data",
    "  dev-speckit_workspaces",
    "  dev-secrets-rabbitmq",
    "  dev-secrets-postgres",
    "  dev-secrets-api",
    "  dev-secrets-codex-worker",
    "  dev-secrets-gemini-worker",
    "up again: npm run -s fleet -- up dev",
    "delete for good: set [data] protect = false, then npx cdktf deploy dev-data && npx cdktf destroy dev-data --ignore-missing-stack-dependencies",
  ]);
});

test.each([
  ["127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["0.0.0.0:8080", "http://127.0.0.1:8080"],
  ["[::]:8080", "http://[::1]:8080"],
  ["10.0.0.7:8080", "http://10.0.0.7:8080"],
])("an API that listens on %s is at %s", (listen, url) => {
  expect(listenUrl(listen)).toBe(url);
});
