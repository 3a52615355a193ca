import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { BUILT_IMAGES, imageKeys, pushImages } from "../../cli/image/push-images";
import { BuildContext, FleetStack } from "../../constructs";
import type { EnvironmentInput } from "../../constructs";
import { ContainerLabel } from "../../runtime/contract";
import { output, run } from "../support/command";
import { buildClient } from "../support/docker";
import { registryIsMissing, startRegistry } from "../support/registry";
import type { Registry } from "../support/registry";
import { TerraformProject, whyNoTerraform } from "../support/terraform";

/** Images built once and deployed many times: pushed to a private registry, pulled by digest through Terraform. */

const environment = `image-push-${process.pid}`;
const scratch = mkdtempSync(join(tmpdir(), "fleet-image-push-"));
const containers: string[] = [];
const images = new Set<string>();
let registry: Registry;

jest.setTimeout(5 * 60_000);

const missing = whyNoTerraform() ?? registryIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, pushing images is not tested: ${missing}`);
const withRegistry = missing === undefined ? test : test.skip;

beforeAll(async () => {
  if (missing !== undefined) return;
  // The operator's own logins stay as they are.
  process.env["DOCKER_CONFIG"] = join(scratch, "docker");
  registry = await startRegistry();
  const client = await buildClient();
  for (const [key, service] of Object.entries(BUILT_IMAGES)) {
    writeFileSync(join(scratch, "Dockerfile"), `FROM scratch\nCOPY Dockerfile /${key}\nLABEL test="${environment}"\nCMD ["none"]\n`);
    const tag = `codex-fleet/${key}:${environment}`;
    images.add(tag);
    await output(client, ["build", "--quiet", "--tag", tag, scratch], { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
    const labels = ["--label", `${ContainerLabel.environment}=${environment}`, "--label", `${ContainerLabel.service}=${service}`];
    containers.push(await output("docker", ["create", ...labels, tag]));
  }
});

afterAll(async () => {
  delete process.env["DOCKER_CONFIG"];
  rmSync(scratch, { recursive: true, force: true });
  if (missing !== undefined) return;
  for (const each of containers) await run("docker", ["rm", each]);
  for (const each of images) await run("docker", ["image", "rm", "--force", each]);
  await registry.stop();
});

withRegistry("without a login the registry's own words come up", async () => {
  await expect(pushImages(environment, `${registry.host}/team/fleet`)).rejects.toThrow(
    /^docker push failed: [^]*no basic auth credentials/,
  );
});

withRegistry("an environment that is not up has nothing to push", async () => {
  await expect(pushImages(`${environment}-absent`, `${registry.host}/fleet`)).rejects.toThrow(
    `${environment}-absent has no celery_codex_worker, api, rabbitmq: run npm run -s fleet -- up ${environment}-absent first; nothing was pushed`,
  );
});

withRegistry("pushed images are pulled by digest, and nothing is built", async () => {
  await output("docker", ["login", "--username", "fleet", "--password-stdin", registry.host], { input: "planted" });
  const pushed = await pushImages(environment, `${registry.host}/team/fleet`);
  const ids = new Map<string, string>();
  for (const [key, reference] of Object.entries(pushed)) {
    expect(reference).toMatch(new RegExp(`^${registry.host}/team/fleet/${key}@sha256:[0-9a-f]{64}$`));
    ids.set(key, await output("docker", ["image", "inspect", "--format", "{{.Id}}", reference]));
  }
  // Remove containers and images, as if this were another machine.
  for (const each of containers.splice(0)) await output("docker", ["rm", each]);
  for (const id of ids.values()) await output("docker", ["image", "rm", "--force", id]);
  for (const reference of Object.values(pushed)) expect((await run("docker", ["image", "inspect", reference])).code).not.toBe(0);

  const registries = { login: [registry.host], config_file: join(scratch, "docker/config.json") };
  const settings = { ...parse(imageKeys(pushed)), registries, embedding: { provider: "none" } } as EnvironmentInput;
  const project = new TerraformProject();
  try {
    project.synth((app) => new FleetStack(app, environment, settings));
    project.init(environment);
    const addresses = project.must(environment, "plan", "-input=false", "-no-color").match(/docker_image\.\S+(?= will be created)/g) ?? [];
    const ours = addresses.filter((address) => !address.includes("Database"));
    expect(ours.length).toBe(3);
    project.must(environment, "apply", "-auto-approve", "-input=false", "-no-color", ...ours.map((address) => `-target=${address}`));
    for (const [key, reference] of Object.entries(pushed)) {
      images.add(reference);
      expect(await output("docker", ["image", "inspect", "--format", "{{.Id}}", reference])).toBe(ids.get(key));
    }
  } finally {
    project.remove();
  }
});

withRegistry("an image is built on a private base", async () => {
  const client = await buildClient();
  const base = `${registry.host}/private/base:1`;
  images.add(base);
  writeFileSync(join(scratch, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /private-base\n");
  await output(client, ["build", "--quiet", "--tag", base, scratch], { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
  await output("docker", ["push", "--quiet", base]);
  await output("docker", ["image", "rm", base]);
  const settings: EnvironmentInput = {
    images: { base },
    registries: { login: [registry.host], config_file: join(scratch, "docker/config.json") },
    embedding: { provider: "none" },
  };
  const imageContext = new BuildContext()
    .addText("Dockerfile", "ARG BASE_IMAGE\nFROM ${BASE_IMAGE} AS runtime\nCOPY runtime/api.js /\n")
    .addText("runtime/api.js", environment);
  const project = new TerraformProject();
  try {
    project.synth((app) => new FleetStack(app, environment, settings, { imageContext }));
    project.init(environment);
    const [address] = /docker_image\.WorkerImage_runtime\S*/.exec(project.must(environment, "plan", "-input=false", "-no-color"))!;
    project.must(environment, "apply", "-auto-approve", "-input=false", "-no-color", `-target=${address}`);
    const [name] = /codex-fleet\/runtime:[0-9a-f]+/.exec(project.must(environment, "state", "show", "-no-color", address))!;
    images.add(name);
    expect((await run("docker", ["image", "inspect", name])).code).toBe(0);
  } finally {
    project.remove();
  }
});
