import path from "node:path";
import { existsSync } from "node:fs";
import { Construct } from "constructs";
import { BuildContext } from "./build-context";
import { BuiltImage, ImageContext } from "./built-image";
import type { BuildSettings } from "./built-image";
import type { IContainerImage } from "./container-image";
import { Duration } from "./duration";
import { packageRoot } from "./package-root";

/** Stages of the worker's Dockerfile that become images. */
export type WorkerImageTarget = "runtime" | "worker" | "demo";

export interface WorkerImageProps {
  /** Debian with Node 20 or later. */
  readonly baseImage: string;
  readonly build: BuildSettings;
  /** What the image is built from. @default - the package's own Dockerfile, tool manifests and bundled programs */
  readonly context?: BuildContext;
  /** How long a build may take, downloads included. @default 30 min */
  readonly buildTimeout?: Duration;
}

/** Bundled programs of each target; everything else below runtime/ is another target's. */
const PROGRAMS: Readonly<Record<WorkerImageTarget, readonly string[]>> = {
  runtime: ["api.js"],
  worker: ["preflight.js", "stage.js", "worker.js"],
  demo: ["preflight.js", "stage.js", "worker.js", "scripted-github.js", "scripted-model.js"],
};

/**
 * The images of API, workers and demonstration: one Dockerfile, a target for each. A target is built only when it is
 * asked for, from the files it uses: an edit of the Celery application leaves the API alone.
 */
export class WorkerImage extends Construct {
  private readonly context: BuildContext;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkerImageProps,
  ) {
    super(scope, id);
    this.context = props.context ?? packageContext(packageRoot());
  }

  /** Image of one target, the same each time. */
  target(target: WorkerImageTarget): IContainerImage {
    const existing = this.node.tryFindChild(target);
    if (existing !== undefined) return existing as BuiltImage;
    const { baseImage, build, buildTimeout } = this.props;
    const context = this.context.only((relative) => usedBy(target, relative));
    return new BuiltImage(this, target, new ImageContext(this, `${target}-context`, context, build), {
      repository: `codex-fleet/${target}`,
      target,
      buildArgs: { BASE_IMAGE: baseImage },
      logFile: `${target}-image.build.log`,
      settings: build,
      timeout: buildTimeout ?? Duration.minutes(30),
    });
  }
}

function usedBy(target: WorkerImageTarget, relative: string): boolean {
  if (relative.startsWith("runtime/")) return PROGRAMS[target].includes(relative.slice("runtime/".length));
  return target !== "runtime" || relative === "Dockerfile";
}

/** Dockerfile and manifests of the package with the programs that `tools/bundle.mjs` made, under runtime/. */
export function packageContext(root: string): BuildContext {
  const context = new BuildContext().addDirectory(path.join(root, "assets", "worker"));
  const programs = path.join(root, "dist", "runtime");
  return existsSync(programs) ? context.addDirectory(programs, "runtime") : context;
}
