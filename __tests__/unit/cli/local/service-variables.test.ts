import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { Environment } from "../../../../constructs/environment";
import type { EnvironmentInput } from "../../../../constructs/environment-schema";
import { localAuthorities, localVariables, passedVariables, secretVariables, skillRoots } from "../../../../cli/local/service-variables";

const PORTS = { portMapper: 1, broker: 2, brokerDistribution: 3, database: 4, scriptedModel: 5, scriptedGithub: 6 };

function variables(input: EnvironmentInput, reader: "api" | "codex", names: readonly string[]) {
  const all = localVariables({
    settings: Environment.fromSettings({ embedding: { provider: "none" }, ...input }).settings,
    reader,
    ports: PORTS,
    own: { FLEET_ENVIRONMENT: "dev" },
    authorities: "/instance/ca-bundle.pem",
  });
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

const PLACES = ["CELERY_BROKER_URL", "RABBITMQ_USER", "POSTGRES_HOST", "POSTGRES_PORT"];

test("our own broker and database are on this machine", () => {
  expect(variables({}, "api", PLACES)).toEqual({
    CELERY_BROKER_URL: "amqp://127.0.0.1:2//",
    RABBITMQ_USER: "api",
    POSTGRES_HOST: "127.0.0.1",
    POSTGRES_PORT: "4",
  });
  expect(variables({}, "codex", ["RABBITMQ_USER"])).toEqual({ RABBITMQ_USER: "worker" });
});

test("an existing broker and database stay where they are", () => {
  const input = { broker: { url: "amqp://mq:5672//", user: "us" }, database: { host: "db", port: 6543 } };
  expect(variables(input, "api", PLACES)).toEqual({
    CELERY_BROKER_URL: "amqp://mq:5672//",
    RABBITMQ_USER: "us",
    POSTGRES_HOST: "db",
    POSTGRES_PORT: "6543",
  });
});

test("the scripted services of a demonstration are on this machine", () => {
  const input: EnvironmentInput = {
    codex: { auth: "none", provider_url: "http://scripted_model:8080/v1" },
    github: { api_url: "http://scripted_github:8080/api/v3", git_url: "http://scripted_github:8080" },
    demo: { scripted_services: true },
  };
  expect(variables(input, "codex", ["CODEX_PROVIDER_URL", "SPEC_WORKFLOW_GITHUB_API_URL", "SPEC_WORKFLOW_GITHUB_GIT_URL"])).toEqual({
    CODEX_PROVIDER_URL: "http://127.0.0.1:5/v1",
    SPEC_WORKFLOW_GITHUB_API_URL: "http://127.0.0.1:6/api/v3",
    SPEC_WORKFLOW_GITHUB_GIT_URL: "http://127.0.0.1:6",
  });
});

test.each([
  [{ HOME: "/home/ada", GITHUB_TOKEN: "t", SSL_CERT_FILE: "/ca" }, { SSL_CERT_FILE: "/ca" }],
  [{ HTTPS_PROXY: "http://proxy:1" }, { HTTPS_PROXY: "http://proxy:1", NO_PROXY: "127.0.0.1,localhost", no_proxy: "127.0.0.1,localhost" }],
  [
    { http_proxy: "http://proxy:1", no_proxy: "intern" },
    { http_proxy: "http://proxy:1", NO_PROXY: "intern,127.0.0.1,localhost", no_proxy: "intern,127.0.0.1,localhost" },
  ],
])("of a shell's %j", (shell, passed) => {
  expect(passedVariables(shell, { proxy_credentials: false })).toEqual(passed);
});

test("the environment's proxies win over the shell's", () => {
  const network = { proxy_credentials: false, https_proxy: "http://ours:1" };
  expect(passedVariables({ http_proxy: "http://shell:1", HTTPS_PROXY: "http://shell:1", NO_PROXY: "x", TZ: "UTC" }, network)).toEqual({
    TZ: "UTC",
  });
});

test("the environment's authorities are one file with this machine's", () => {
  const directory = mkdtempSync(join(tmpdir(), "authorities-"));
  for (const name of ["system", "corp"]) writeFileSync(join(directory, `${name}.pem`), `${rootCertificates[0]}\n`);
  const ca_bundle = join(directory, "corp.pem");
  expect(variables({ network: { ca_bundle } }, "codex", ["SSL_CERT_FILE", "GIT_SSL_CAINFO"])).toEqual({
    SSL_CERT_FILE: "/instance/ca-bundle.pem",
    GIT_SSL_CAINFO: "/instance/ca-bundle.pem",
  });
  const network = { proxy_credentials: false, ca_bundle };
  expect(localAuthorities(network, { SSL_CERT_FILE: join(directory, "system.pem") })).toBe(
    `${rootCertificates[0]}\n${rootCertificates[0]}\n`,
  );
  expect(localAuthorities({ proxy_credentials: false }, {})).toBeUndefined();
  rmSync(directory, { recursive: true });
});

test.each([
  [{}, "/ours"],
  [{ SPEC_WORKFLOW_SKILLS_ROOT: "/mine, /opt/fleet/skills" }, "/mine,/ours"],
])("skills of %j", (written, roots) => {
  expect(skillRoots(Environment.fromSettings({ embedding: { provider: "none" }, variables: written }).settings, "/ours")).toBe(roots);
});

test("secrets by the names of their files, only those a reader reads", () => {
  const directory = mkdtempSync(join(tmpdir(), "secrets-"));
  for (const name of ["github_token", "postgres_password", "fleet_api_token"]) writeFileSync(join(directory, name), "x");
  expect(secretVariables("codex", directory)).toEqual({
    variables: { POSTGRES_PASSWORD_FILE: join(directory, "postgres_password"), GITHUB_TOKEN_FILE: join(directory, "github_token") },
    files: [join(directory, "postgres_password"), join(directory, "github_token")],
  });
  rmSync(directory, { recursive: true });
});
