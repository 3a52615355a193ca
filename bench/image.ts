import { appendFileSync, copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { buildClient } from "../__tests__/support/docker";
import { pinsOf } from "../cli/pins/update-pins";
import { openFleet } from "./fleet";
import type { BenchFleet, Resource } from "./fleet";
import { sample } from "./measure";
import { atMost } from "./table";
import type { Row } from "./table";

/** The worker image against a Dockerfile that says just what is to be there. */
export const imageRows: readonly Row[] = [
  {
    name: "size",
    what: "worker image, size",
    against: "a straightforward Dockerfile with the same tools",
    unit: "MB",
    target: atMost(0.7),
    measure: async () => {
      const fleet = await openFleet();
      const worker = workerImage(fleet);
      const context = path.join(fleet.root, "straightforward");
      mkdirSync(context, { recursive: true });
      copyFileSync(path.join(__dirname, "straightforward.Dockerfile"), path.join(context, "Dockerfile"));
      const certificates = path.join(contextOf(fleet, worker), "ca-certificates.crt");
      if (existsSync(certificates)) copyFileSync(certificates, path.join(context, "ca-certificates.crt"));
      const pins = pinsOf(path.join(fleet.root, "assets/worker"));
      const versions = Object.entries(pins).map(([tool, version]) => [`${tool.toUpperCase()}_VERSION`, version] as const);
      await build(worker, context, Object.fromEntries(versions), ["--tag", STRAIGHTFORWARD]);
      try {
        return { ours: megabytes(worker.name), peer: megabytes(STRAIGHTFORWARD) };
      } finally {
        execFileSync("docker", ["image", "rm", STRAIGHTFORWARD], { stdio: "ignore" });
      }
    },
  },
  {
    name: "rebuild",
    what: "worker image, rebuild after an edit of a program",
    against: "full build",
    unit: "s",
    target: atMost(0.1),
    measure: async () => {
      const fleet = await openFleet();
      const worker = workerImage(fleet);
      const context = path.join(fleet.root, "edited");
      rmSync(context, { recursive: true, force: true });
      cpSync(contextOf(fleet, worker), context, { recursive: true });
      const peer = await build(worker, context, {}, ["--no-cache"]);
      appendFileSync(path.join(context, "runtime/stage.js"), `\n// ${process.pid}\n`);
      return { ours: await build(worker, context, {}, []), peer };
    },
  },
];

const STRAIGHTFORWARD = "codex-fleet-bench/straightforward";

function workerImage({ resources }: BenchFleet): Resource {
  return Object.values(resources.docker_image).find(({ name }) => /\/worker:/.test(name))!;
}

interface Build {
  readonly context: string;
  readonly target?: string;
  readonly network_mode?: string;
  readonly build_args: Readonly<Record<string, string>>;
}

function contextOf({ stack }: BenchFleet, image: Resource): string {
  return path.join(stack, (image["build"] as Build).context);
}

/** Seconds of a build with the settings of the worker image. */
async function build(image: Resource, context: string, versions: Record<string, string>, options: readonly string[]): Promise<number> {
  const client = await buildClient();
  const { target, network_mode, build_args } = image["build"] as Build;
  const own = Object.keys(versions).length === 0 && target !== undefined ? ["--target", target] : [];
  const args = Object.entries({ ...build_args, ...versions }).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const network = network_mode === undefined ? [] : ["--network", network_mode];
  const argv = [client, "build", "--quiet", ...network, ...own, ...args, ...options, context];
  return sample(argv, { environment: { DOCKER_BUILDKIT: "1" } }).milliseconds / 1000;
}

function megabytes(image: string): number {
  return Number(execFileSync("docker", ["image", "inspect", "--format", "{{.Size}}", image], { encoding: "utf8" })) / 1e6;
}
