import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Environment, EnvironmentError } from "../../../constructs";
import type { EnvironmentInput } from "../../../constructs";
import { PIN_FILES } from "../../../constructs/tool-pins";
import { packageContext } from "../../../constructs/worker-image";
import { FleetStack } from "../../../constructs";
import { synthesized, withoutImageTags } from "../../support/synthesized";
import type { Json } from "../../support/synthesized";

const checkout = path.join(__dirname, "../../..");
const scratch = mkdtempSync(path.join(tmpdir(), "fleet-build-settings-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function scratchFile(name: string, text: string): string {
  writeFileSync(path.join(scratch, name), text);
  return name;
}

/** The build of one image of a fleet with these settings, from the package's own context. */
function buildOf(target: string, build: NonNullable<EnvironmentInput["build"]>): { name: string; build: Json } {
  const stacks = synthesized(
    (app) => new FleetStack(app, "test", { build, embedding: { provider: "none" } }, { imageContext: packageContext(checkout) }),
  );
  const image = Object.entries(stacks.get("test")!.resource["docker_image"]!).find(([key]) => key.startsWith(`WorkerImage_${target}_`))![1];
  return { name: image["name"] as string, build: withoutImageTags(image["build"]) as Json };
}

/** The only problem of a file `dev.toml`, as text. */
function problemOf(text: string): string {
  try {
    Environment.fromFile(path.join(scratch, scratchFile("dev.toml", `${text}\n[embedding]\nprovider = "none"\n`)));
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map(({ line, key, message, fix }) => `${line}: ${key} ${message}; ${fix}`.replaceAll(scratch, "DIR")).join("\n");
  }
  return "";
}

test.each<[what: string, text: string, problem: string]>([
  [
    "a package's name",
    'packages = ["make", "rm -rf"]',
    '2: build.packages.1 must be the name of a Debian package, such as make, got "rm -rf"; correct it or remove the key',
  ],
  [
    "one package without a list",
    'packages = "make"',
    '2: build.packages must be a list, got "make"; correct it or remove the key for the default []',
  ],
  [
    "a mirror",
    'npm_registry = "mirror.example"',
    '2: build.npm_registry must be an http:// or https:// address, got "mirror.example"; correct it or remove the key',
  ],
  [
    "credentials in a proxy's address",
    'https_proxy = "http://me:secret@proxy.example"',
    '2: build.https_proxy must not hold credentials, which plan and image build would show: give the mirror another way to identify this machine, got "http://***@proxy.example"; correct it or remove the key',
  ],
  [
    "an extension that is not there",
    'dockerfile = "nowhere"',
    "2: build.dockerfile must name a file, got DIR/nowhere, which is not a file; create it, correct the path or remove the key",
  ],
  [
    "an extension with a base of its own",
    `dockerfile = "${scratchFile("from", "FROM x\n")}"`,
    "2: build.dockerfile must extend the worker image and not start another one: no FROM allowed, got one in its line 1; correct DIR/from or remove the key",
  ],
  [
    "pins that are not there",
    'pins = "nowhere"',
    `2: build.pins must be a directory with the tools' manifests and lockfiles, got DIR/nowhere without ${PIN_FILES.join(", ")}; create it: codex-fleet pins eject DIR/nowhere`,
  ],
])("refuses %s", (_what, text, problem) => {
  expect(problemOf(`[build]\n${text}\n`)).toBe(problem);
});

test("pins that pin nothing are refused", () => {
  cpSync(path.join(checkout, "assets/worker"), path.join(scratch, "pins"), { recursive: true });
  writeFileSync(path.join(scratch, "pins/python/requirements.txt"), "celery==5.7.0\n");
  expect(problemOf('[build]\npins = "pins"\n')).toBe(
    "2: build.pins holds lockfiles that cannot be used: python/requirements.txt does not pin specify-cli; lock again: codex-fleet pins update --pins DIR/pins",
  );
});

test("packages change the worker's image, mirrors and proxies only where it is built from", () => {
  const plain = buildOf("worker", {});
  const extra = buildOf("worker", { packages: ["make", "default-jdk-headless"] });
  const mirrored = buildOf("worker", {
    debian_mirror: "https://mirror.example/debian/",
    npm_registry: "https://mirror.example/npm",
    pip_index_url: "https://mirror.example/pypi",
    http_proxy: "http://proxy.example:3128",
    https_proxy: "http://proxy.example:3128",
    no_proxy: "mirror.example",
  });
  expect(plain.build["build_args"]).toEqual({ BASE_IMAGE: "node:24-trixie-slim" });
  expect(extra.build["build_args"]).toEqual({ BASE_IMAGE: "node:24-trixie-slim", PACKAGES: "make default-jdk-headless" });
  expect(mirrored.build["build_args"]).toEqual({
    BASE_IMAGE: "node:24-trixie-slim",
    DEBIAN_MIRROR: "https://mirror.example/debian",
    NPM_REGISTRY: "https://mirror.example/npm",
    PIP_INDEX_URL: "https://mirror.example/pypi",
    http_proxy: "http://proxy.example:3128",
    https_proxy: "http://proxy.example:3128",
    no_proxy: "mirror.example",
  });
  expect([extra.name === plain.name, mirrored.name === plain.name]).toEqual([false, true]);
});

test("neither packages nor an extension touch the API's image", () => {
  const dockerfile = path.join(scratch, scratchFile("extension", "RUN true\n"));
  expect(buildOf("runtime", { packages: ["make"], dockerfile })).toEqual(buildOf("runtime", {}));
});

test("an extension is a stage on top of the worker and part of its tag", () => {
  const dockerfile = path.join(scratch, scratchFile("extension", "RUN echo one\n"));
  const first = buildOf("worker", { dockerfile });
  writeFileSync(dockerfile, "RUN echo two\n");
  const second = buildOf("worker", { dockerfile });
  expect([first.build["target"], buildOf("worker", {}).build["target"]]).toEqual(["extended", "worker"]);
  expect(new Set([first.name, second.name, buildOf("worker", {}).name]).size).toBe(3);
});

test("pins of one's own go over the package's, versions into the labels", () => {
  const pins = path.join(scratch, "own-pins");
  for (const file of PIN_FILES) cpSync(path.join(checkout, "assets/worker", file), path.join(pins, file));
  const same = buildOf("worker", { pins });
  const requirements = path.join(pins, "python/requirements.txt");
  writeFileSync(requirements, readFileSync(requirements, "utf8").replace(/^celery==\S+/m, "celery==9.9.9"));
  const raised = buildOf("worker", { pins });
  expect((raised.build["build_args"] as Record<string, string>)["CELERY_VERSION"]).toBe("9.9.9");
  expect(raised.name).not.toBe(same.name);
});
