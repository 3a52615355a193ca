import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { describeImage } from "../../cli/sbom/describe-image";
import type { EnvironmentInput } from "../../constructs";
import { buildWorkerImage } from "../support/build-image";
import { output, run } from "../support/command";
import { baseImage, dockerIsMissing, hostCertificates } from "../support/docker";

/** The worker image with packages and instructions that users add, and a build without a network. */

const checkout = join(__dirname, "../..");
const image = `codex-fleet/build-test:${process.pid}`;
const scratch = mkdtempSync(join(tmpdir(), "fleet-build-test-"));

jest.setTimeout(15 * 60_000);

const missing = dockerIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, builds are not tested: ${missing}`);
const withDocker = missing === undefined ? test : test.skip;

let settings: { images: EnvironmentInput["images"]; build: NonNullable<EnvironmentInput["build"]> };

beforeAll(async () => {
  if (missing !== undefined) return;
  await output("node", ["tools/bundle.mjs"], { cwd: checkout });
  const certificates = hostCertificates();
  settings = {
    images: { base: await baseImage("node:24-trixie-slim") },
    build: { network: "host", ...(certificates === undefined ? {} : { ca_bundle: certificates }) },
  };
});

afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  if (missing === undefined) await run("docker", ["image", "rm", "--force", image]);
});

withDocker("a package and an extension are in the image, which runs as app as before", async () => {
  const dockerfile = join(scratch, "worker.Dockerfile");
  writeFileSync(dockerfile, 'RUN id -u > /opt/built-by \\\n && install -m 4755 /bin/true /opt/setuid\nENV EXTENDED=yes\nCMD ["false"]\n');
  const built = await buildWorkerImage({ ...settings, build: { ...settings.build, packages: ["make"], dockerfile } }, image);
  if (built.code !== 0) throw new Error(`${built.stdout}${built.stderr}`);
  const script =
    "id -un; make --version | head -1 | cut -d' ' -f1,2; cat /opt/built-by; stat -c %a /opt/setuid; echo $EXTENDED; codex --version | cut -d' ' -f1";
  expect((await output("docker", ["run", "--rm", "--network", "none", "--read-only", image, "sh", "-c", script])).split("\n")).toEqual([
    "app",
    "GNU Make",
    "0",
    "755",
    "yes",
    "codex-cli",
  ]);
  expect(JSON.parse(await output("docker", ["image", "inspect", "--format", "{{json .Config.Cmd}}", image]))).toEqual([
    "node",
    "/opt/fleet/runtime/worker.js",
  ]);
  // The image contains neither the certificates nor the proxies of this machine.
  const history = await output("docker", ["history", "--no-trunc", "--format", "{{.CreatedBy}}", image]);
  expect(history).not.toMatch(/proxy=/i);
});

withDocker("its bill of materials is valid CycloneDX and names what was added", async () => {
  const document = (await describeImage(image)) as { components: { purl?: string }[] };
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(document))).toBeNull();
  const found = document.components.flatMap(
    ({ purl }) =>
      /^pkg:(?:deb\/debian\/make|npm\/%40openai\/codex|npm\/%40google\/gemini-cli|pypi\/specify-cli|pypi\/celery)@/.exec(purl ?? "") ?? [],
  );
  expect(found.sort()).toEqual([
    "pkg:deb/debian/make@",
    "pkg:npm/%40google/gemini-cli@",
    "pkg:npm/%40openai/codex@",
    "pkg:pypi/celery@",
    "pkg:pypi/specify-cli@",
  ]);
  const installed = Number(
    await output("docker", ["run", "--rm", "--network", "none", image, "sh", "-c", "dpkg-query -f '.\\n' -W | wc -l"]),
  );
  expect(document.components.filter(({ purl }) => purl?.startsWith("pkg:deb/")).length).toBe(installed);
});

withDocker("without a network the build says what to do and leaves no image", async () => {
  const name = `${image}-offline`;
  const build = { ...settings.build, network: "none" as const, npm_registry: "https://mirror.example/npm" };
  const { code, stdout, stderr } = await buildWorkerImage({ ...settings, build }, name, ["--no-cache"]);
  const said = (stdout + stderr).replace(/^#\d+ (?:\d+\.\d+ )?/gm, "");
  expect(code).not.toBe(0);
  expect(said).toContain(
    '  no network in the build?        set [build] network = "host" in the environment file (docker build --network host)\n',
  );
  expect(said).toMatch(
    /^could not download (?:the Codex CLI|the Gemini CLI) from https:\/\/mirror\.example\/npm$|^could not download Debian's package lists from the Debian mirror of the base image$/m,
  );
  expect(said).toContain("Nothing was tagged; the build can be repeated as it is.\n");
  expect((await run("docker", ["image", "inspect", name])).code).not.toBe(0);
});

withDocker("a network that swallows everything ends the build too", async () => {
  const open: Socket[] = [];
  const silent = createServer((socket) => void open.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const proxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const name = `${image}-silent`;
  try {
    const build = { ...settings.build, network: "host" as const, http_proxy: proxy, https_proxy: proxy };
    const { code, stdout, stderr } = await buildWorkerImage({ ...settings, build }, name, ["--no-cache"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(
      "  is a proxy needed?              set [network] https_proxy and http_proxy, or those of [build] for builds only\n",
    );
    expect((await run("docker", ["image", "inspect", name])).code).not.toBe(0);
  } finally {
    open.forEach((socket) => socket.destroy());
    silent.close();
  }
});
