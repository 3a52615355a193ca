import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FleetStack } from "../../constructs";
import type { EnvironmentInput } from "../../constructs";
import { packageContext } from "../../constructs/worker-image";
import { App } from "../../constructs/tf";
import { run } from "./command";
import type { CommandResult } from "./command";
import { buildClient } from "./docker";

/** The build that the synthesized stack gives the provider. */
interface ImageBuild {
  readonly context: string;
  readonly target: string;
  readonly build_args: Readonly<Record<string, string>>;
  readonly network_mode?: string;
}

/** Builds the worker image of an environment as its synthesized stack says, under another name and without Terraform. */
export async function buildWorkerImage(settings: EnvironmentInput, name: string, options: readonly string[] = []): Promise<CommandResult> {
  const outdir = mkdtempSync(path.join(tmpdir(), "fleet-build-"));
  try {
    const { build, directory } = synthesizedBuild(settings, outdir);
    const network = build.network_mode === undefined ? [] : ["--network", build.network_mode];
    const args = Object.entries(build.build_args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
    return await run(
      await buildClient(),
      [
        "build",
        "--progress",
        "plain",
        "--target",
        build.target,
        "--tag",
        name,
        ...network,
        ...args,
        ...options,
        path.join(directory, build.context),
      ],
      { env: { ...process.env, DOCKER_BUILDKIT: "1" } },
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function synthesizedBuild(settings: EnvironmentInput, outdir: string): { build: ImageBuild; directory: string } {
  const app = new App({ outdir });
  const checkout = path.join(__dirname, "..", "..");
  const fleet = new FleetStack(app, "test", { embedding: { provider: "none" }, ...settings }, { imageContext: packageContext(checkout) });
  app.synth();
  const directory = path.join(outdir, "stacks", fleet.node.id);
  const stack = JSON.parse(JSON.stringify(fleet.toTerraform())) as { resource: { docker_image: Record<string, { build: ImageBuild }> } };
  const image = Object.entries(stack.resource.docker_image).find(([key]) => key.startsWith("WorkerImage_worker_"))!;
  return { build: image[1].build, directory };
}
