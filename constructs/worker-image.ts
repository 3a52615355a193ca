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

/**
 * The images of API, workers and demonstration: one Dockerfile, one context, a target for each. A target is built only
 * when it is asked for.
 */
export class WorkerImage extends Construct {
  private readonly context: ImageContext;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkerImageProps,
  ) {
    super(scope, id);
    this.context = new ImageContext(this, "Context", props.context ?? packageContext(packageRoot()), props.build);
  }

  /** Image of one target, the same each time. */
  target(target: WorkerImageTarget): IContainerImage {
    const existing = this.node.tryFindChild(target);
    if (existing !== undefined) return existing as BuiltImage;
    return new BuiltImage(this, target, this.context, {
      repository: `codex-fleet/${target}`,
      target,
      buildArgs: { BASE_IMAGE: this.props.baseImage },
      logFile: `${target}-image.build.log`,
      settings: this.props.build,
      timeout: this.props.buildTimeout ?? Duration.minutes(30),
    });
  }
}

/** Dockerfile and manifests of the package with the programs that `tools/bundle.mjs` made, under runtime/. */
export function packageContext(root: string): BuildContext {
  const context = new BuildContext().addDirectory(path.join(root, "assets", "worker"));
  const programs = path.join(root, "dist", "runtime");
  return existsSync(programs) ? context.addDirectory(programs, "runtime") : context;
}
