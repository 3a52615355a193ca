import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { FleetStack, Worker } from "../../../constructs";
import { VARIABLE_LIST } from "../../../runtime/contract";
import { containerOf, SMALL_CONTEXT, synthesizedFleet, synthesizedText, withoutImageTags } from "../../support/synthesized";
import type { Json, Stack } from "../../support/synthesized";
import { containersForcedToCreateFirst } from "../../support/terraform-graph";

const DEMO = { codex: { auth: "none", provider_url: "http://scripted_model:8080/v1" }, demo: { scripted_services: true } } as const;
const FULL = { ...DEMO, workers: { codex: { replicas: 2 } } };

const containers = (stack: Stack): Json[] => Object.values(stack.resource.docker_container!);
const labels = (container: Json): Record<string, string> =>
  Object.fromEntries(
    (container.labels as { label: string; value: string }[]).map(({ label, value }) => [label.replace("codex-fleet.", ""), value]),
  );
const sources = (container: Json): string[] =>
  (container.mounts as { source: string; read_only: boolean }[]).map(({ source, read_only }) => (read_only ? `${source} (ro)` : source));
const networks = (container: Json): string[] => (container.networks_advanced as { name: string }[]).map(({ name }) => name);

test("the fleet: services, networks, volumes, ports", () => {
  const table = containers(synthesizedFleet(FULL).fleet).map((container) => ({
    service: labels(container).service,
    user: container.user,
    command: (container.command as string[] | undefined)?.join(" "),
    networks: networks(container),
    volumes: sources(container),
    ports: (container.ports as { ip: string; external: number }[]).map(({ ip, external }) => `${ip}:${external}`),
  }));
  expect(table).toMatchInlineSnapshot(`
   [
     {
       "command": "node /opt/fleet/runtime/api.js",
       "networks": [
         "test-backplane",
         "test-edge",
       ],
       "ports": [
         "127.0.0.1:8080",
       ],
       "service": "api",
       "user": "1000:1000",
       "volumes": [
         "test-speckit_workspaces (ro)",
         "test-secrets-api (ro)",
       ],
     },
     {
       "command": "rabbitmq-server",
       "networks": [
         "test-backplane",
       ],
       "ports": [],
       "service": "rabbitmq",
       "user": "999:999",
       "volumes": [
         "test-rabbitmq-data",
         "test-secrets-rabbitmq (ro)",
       ],
     },
     {
       "command": "node /opt/fleet/runtime/worker.js",
       "networks": [
         "test-backplane",
         "test-egress",
       ],
       "ports": [],
       "service": "celery_codex_worker",
       "user": "1000:1000",
       "volumes": [
         "test-speckit_workspaces",
         "codex_auth_volume",
         "test-secrets-codex-worker (ro)",
       ],
     },
     {
       "command": "node /opt/fleet/runtime/worker.js",
       "networks": [
         "test-backplane",
         "test-egress",
       ],
       "ports": [],
       "service": "celery_codex_worker",
       "user": "1000:1000",
       "volumes": [
         "test-speckit_workspaces",
         "codex_auth_volume",
         "test-secrets-codex-worker (ro)",
       ],
     },
     {
       "command": "postgres -c listen_addresses=*",
       "networks": [
         "test-backplane",
       ],
       "ports": [],
       "service": "postgres",
       "user": "999:999",
       "volumes": [
         "test-postgres-data",
         "test-secrets-postgres (ro)",
       ],
     },
     {
       "command": "node /opt/fleet/runtime/scripted-github.js",
       "networks": [
         "test-egress",
         "test-edge",
       ],
       "ports": [
         "127.0.0.1:8081",
       ],
       "service": "scripted_github",
       "user": "1000:1000",
       "volumes": [],
     },
     {
       "command": "node /opt/fleet/runtime/scripted-model.js",
       "networks": [
         "test-egress",
       ],
       "ports": [],
       "service": "scripted_model",
       "user": "1000:1000",
       "volumes": [],
     },
     {
       "command": "node /opt/fleet/runtime/worker.js",
       "networks": [
         "test-backplane",
         "test-egress",
       ],
       "ports": [],
       "service": "celery_gemini_worker",
       "user": "1000:1000",
       "volumes": [
         "test-speckit_workspaces",
         "test-secrets-gemini-worker (ro)",
       ],
     },
   ]
  `);
});

test("images: one for the API, one for workers, one for the demonstration, broker and database", () => {
  expect(withoutImageTags(Object.values(synthesizedFleet(FULL).fleet.resource.docker_image!))).toMatchInlineSnapshot(`
   [
     {
       "build": {
         "build_args": {
           "BASE_IMAGE": "rabbitmq:4.1",
           "CONSUMER_TIMEOUT_MS": "4860000",
           "MEMORY_HIGH_WATERMARK": "614MiB",
         },
         "build_log_file": "broker-image.build.log",
         "context": "assets/Broker_Context_Asset_391CB74F/HASH",
         "dockerfile": "Dockerfile",
       },
       "keep_locally": true,
       "lifecycle": {
         "create_before_destroy": true,
       },
       "name": "codex-fleet/broker:TAG",
       "timeouts": {
         "create": "10m0s",
       },
       "triggers": {
         "content": "DIGEST",
       },
     },
     {
       "keep_locally": true,
       "name": "postgres:17",
     },
     {
       "build": {
         "build_args": {
           "BASE_IMAGE": "node:24-trixie-slim",
         },
         "build_log_file": "demo-image.build.log",
         "context": "assets/WorkerImage_demo-context_Asset_5DDC3EF4/HASH",
         "dockerfile": "Dockerfile",
         "target": "demo",
       },
       "keep_locally": true,
       "lifecycle": {
         "create_before_destroy": true,
       },
       "name": "codex-fleet/demo:TAG",
       "timeouts": {
         "create": "30m0s",
       },
       "triggers": {
         "content": "DIGEST",
       },
     },
     {
       "build": {
         "build_args": {
           "BASE_IMAGE": "node:24-trixie-slim",
         },
         "build_log_file": "runtime-image.build.log",
         "context": "assets/WorkerImage_runtime-context_Asset_E1E5AD0B/HASH",
         "dockerfile": "Dockerfile",
         "target": "runtime",
       },
       "keep_locally": true,
       "lifecycle": {
         "create_before_destroy": true,
       },
       "name": "codex-fleet/runtime:TAG",
       "timeouts": {
         "create": "30m0s",
       },
       "triggers": {
         "content": "DIGEST",
       },
     },
     {
       "build": {
         "build_args": {
           "BASE_IMAGE": "node:24-trixie-slim",
         },
         "build_log_file": "worker-image.build.log",
         "context": "assets/WorkerImage_worker-context_Asset_756C56C2/HASH",
         "dockerfile": "Dockerfile",
         "target": "worker",
       },
       "keep_locally": true,
       "lifecycle": {
         "create_before_destroy": true,
       },
       "name": "codex-fleet/worker:TAG",
       "timeouts": {
         "create": "30m0s",
       },
       "triggers": {
         "content": "DIGEST",
       },
     },
   ]
  `);
});

test("names: replicas that roll have a time stamp, all others a fixed name", () => {
  expect(containers(synthesizedFleet(FULL).fleet).map(({ name, lifecycle }) => [name, lifecycle !== undefined])).toEqual([
    ["test-api", false],
    ["test-rabbitmq", false],
    ['test-celery_codex_worker-1-${formatdate("DDhhmmss", plantimestamp())}', true],
    ['test-celery_codex_worker-2-${formatdate("DDhhmmss", plantimestamp())}', true],
    ["test-postgres", false],
    ["test-scripted_github", false],
    ["test-scripted_model", false],
    ['test-celery_gemini_worker-1-${formatdate("DDhhmmss", plantimestamp())}', true],
  ]);
});

test("variables of a codex worker are all set from the environment", () => {
  const { fleet } = synthesizedFleet({
    codex: { model: "m" },
    variables: { STATSD_HOST: "statsd" },
    skills: { allowed: ["speckit", "mine"] },
  });
  expect(withoutImageTags(containerOf(fleet, "celery_codex_worker").env)).toEqual([
    "CELERY_BROKER_URL=amqp://rabbitmq:5672//",
    "CODEX_AUTH=chatgpt",
    "CODEX_HOME=/home/app/.codex",
    "CODEX_MODEL=m",
    "CODEX_VOLUME_NAME=codex_auth_volume",
    "CODEX_VOLUME_PATH=/home/app/.codex",
    "DEFAULT_EMBEDDING_PROVIDER=google",
    "FLEET_ENGINE=docker",
    "FLEET_ENVIRONMENT=test",
    "FLEET_IMAGE=codex-fleet/worker:TAG",
    "FLEET_WORKER=codex",
    "POSTGRES_DB=fleet",
    "POSTGRES_HOST=postgres",
    "POSTGRES_PORT=5432",
    "POSTGRES_USER=fleet",
    "RABBITMQ_USER=worker",
    "SPEC_WORKFLOW_ALLOWED_SKILLS=speckit,mine",
    "SPEC_WORKFLOW_DEFAULT_SKILL=speckit",
    "SPEC_WORKFLOW_GITHUB_API_URL=https://api.github.com",
    "SPEC_WORKFLOW_GITHUB_GIT_URL=https://github.com",
    "SPEC_WORKFLOW_METRICS_HOST=statsd",
    "SPEC_WORKFLOW_SKILLS_CANARY_PERCENT=100",
    "SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED=true",
    "SPEC_WORKFLOW_SKILLS_SHADOW_MODE=false",
    "SPEC_WORKFLOW_STAGE_TIMEOUT=30m",
    "SPEC_WORKFLOW_USE_SKILLS=true",
  ]);
});

test("every variable with a key of its own reaches every container that reads it", () => {
  const ca_bundle = path.join(mkdtempSync(path.join(tmpdir(), "authorities-")), "ca.pem");
  writeFileSync(ca_bundle, rootCertificates[0]!);
  const { fleet } = synthesizedFleet({
    network: { http_proxy: "http://p:1", https_proxy: "http://p:1", no_proxy: "intern", ca_bundle },
    codex: { model: "m", provider_url: "http://p" },
    gemini: { model: "g", base_url: "http://b" },
    skills: { discover: "speckit", submit: "speckit", publish: "speckit" },
  });
  const services = { api: "api", codex: "celery_codex_worker", gemini: "celery_gemini_worker" } as const;
  const missing = VARIABLE_LIST.filter(([, variable]) => variable.field !== undefined).flatMap(([name, variable]) =>
    variable.readers
      .filter((reader) => !(containerOf(fleet, services[reader]).env as string[]).some((entry) => entry.startsWith(`${name}=`)))
      .map((reader) => `${name} of ${reader}`),
  );
  expect(missing).toEqual([]);
});

test("the durations follow from the one of a stage", () => {
  const { fleet } = synthesizedFleet({ stages: { timeout: "1h" } });
  const { stop_timeout, destroy_grace_seconds, timeouts } = containerOf(fleet, "celery_gemini_worker");
  expect({ stop_timeout, destroy_grace_seconds, timeouts }).toEqual({
    stop_timeout: 3_960,
    destroy_grace_seconds: 3_960,
    timeouts: { create: "5m27s", delete: "1h8m0s" },
  });
  const broker = Object.values(fleet.resource.docker_image!).find(({ name }) => (name as string).startsWith("codex-fleet/broker"))!;
  expect((broker.build as { build_args: object }).build_args).toEqual({
    BASE_IMAGE: "rabbitmq:4.1",
    CONSUMER_TIMEOUT_MS: String((65 + 66 + 10) * 60_000),
    MEMORY_HIGH_WATERMARK: "614MiB",
  });
});

test("nothing that is created first depends on a container", () => {
  expect(containersForcedToCreateFirst(synthesizedFleet(FULL).fleet)).toEqual([]);
});

test("the search finds a worker that refers to a container, also through an image", () => {
  const fleet = structuredClone(synthesizedFleet().fleet) as { resource: Record<string, Record<string, Json>> };
  const [worker] = Object.keys(fleet.resource.docker_container!).filter((name) => name.startsWith("GeminiWorker"));
  const [image] = Object.keys(fleet.resource.docker_image!).filter((name) => name.startsWith("WorkerImage_worker"));
  const [database] = Object.keys(fleet.resource.docker_container!).filter((name) => name.startsWith("Database"));
  fleet.resource.docker_container![worker!]!.env = [`X=\${docker_container.${database}.name}`];
  fleet.resource.docker_image![image!]!.depends_on = [`docker_container.${database}`];
  expect(containersForcedToCreateFirst(fleet as unknown as Stack)).toEqual(
    expect.arrayContaining([
      `docker_container.${worker} -> docker_container.${database}`,
      `docker_image.${image} -> docker_container.${database}`,
      `docker_container.${worker} -> docker_image.${image} -> docker_container.${database}`,
    ]),
  );
});

test("an existing broker and database are used, not made", () => {
  const { fleet } = synthesizedFleet({
    broker: { url: "amqps://mq.example:5671//", user: "fleet" },
    database: { host: "db.example", port: 6432 },
  });
  expect(containers(fleet).map((container) => labels(container).service)).toEqual([
    "api",
    "celery_codex_worker",
    "celery_codex_worker",
    "celery_gemini_worker",
  ]);
  expect((containerOf(fleet, "api").env as string[]).filter((entry) => /^(CELERY_BROKER|RABBIT|POSTGRES)/.test(entry))).toEqual([
    "CELERY_BROKER_URL=amqps://mq.example:5671//",
    "POSTGRES_DB=fleet",
    "POSTGRES_HOST=db.example",
    "POSTGRES_PORT=6432",
    "POSTGRES_USER=fleet",
    "RABBITMQ_USER=fleet",
  ]);
  expect(networks(containerOf(fleet, "api"))).toEqual(["test-backplane", "test-edge", "test-egress"]);
});

test("a group may be empty", () => {
  const { fleet } = synthesizedFleet({ workers: { gemini: { replicas: 0 } } });
  expect(containers(fleet).filter((container) => labels(container).service === "celery_gemini_worker")).toEqual([]);
});

test("raising the secret revision replaces every reader and nobody else", () => {
  const digests = (revision: number) =>
    new Map(
      containers(synthesizedFleet({ ...DEMO, secrets: { revision } }).fleet).map((container) => [
        labels(container).service,
        labels(container).digest,
      ]),
    );
  const [before, after] = [digests(1), digests(2)];
  expect([...before].filter(([service, digest]) => after.get(service) !== digest).map(([service]) => service)).toEqual([
    "api",
    "rabbitmq",
    "celery_codex_worker",
    "postgres",
    "celery_gemini_worker",
  ]);
});

test("the parts of a fleet are readable", () => {
  synthesizedText((app) => {
    const fleet = new FleetStack(app, "test", { embedding: { provider: "none" } }, { imageContext: SMALL_CONTEXT() });
    expect(fleet.codexWorker).toBeInstanceOf(Worker);
    expect(fleet.codexWorker.replicas.map(({ containerName }) => containerName)).toEqual([
      "test-celery_codex_worker-1",
      "test-celery_codex_worker-2",
    ]);
    expect(fleet.api.url).toBe("http://127.0.0.1:8080");
  });
});
