import path from "node:path";
import { existsSync, readFileSync } from "node:fs";
import { Construct } from "constructs";
import { BuildContext } from "./build-context";
import { EXTENDED_STAGE, extendDockerfile } from "./build-extension";
import { BuiltImage, ImageContext } from "./built-image";
import type { BuildSettings } from "./built-image";
import { RegistryImage } from "./container-image";
import type { IContainerImage } from "./container-image";
import { Duration } from "./duration";
import { packageRoot } from "./package-root";
import { PIN_FILES, pinArguments } from "./tool-pins";

/** Stages of the worker's Dockerfile that become images. */
export type WorkerImageTarget = "runtime" | "worker" | "demo";

export interface WorkerImageProps {
  /** Debian with Node 20 or later. */
  readonly baseImage: string;
  readonly build: BuildSettings;
  /** References of targets built earlier, which are pulled instead of built. @default - all are built */
  readonly prebuilt?: Readonly<Partial<Record<WorkerImageTarget, string | undefined>>>;
  /** Build context. @default - the package's own Dockerfile, tool manifests and bundled programs */
  readonly context?: BuildContext;
  /** How long a build may take, downloads included. @default 30 min */
  readonly buildTimeout?: Duration;
}

/** Bundled programs in runtime/ that each target contains. */
const PROGRAMS: Readonly<Record<WorkerImageTarget, readonly string[]>> = {
  runtime: ["api.js"],
  worker: ["preflight.js", "stage.js", "worker.js"],
  demo: ["preflight.js", "stage.js", "worker.js", "scripted-github.js", "scripted-model.js"],
};

/**
 * The images of API, workers and demo services: one Dockerfile with a target for each. A target is built only when it is
 * requested, and only from the files it uses, so that an edit of the Celery application does not change the API's image.
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
    const { pins } = props.build;
    if (pins !== undefined) for (const file of PIN_FILES) this.context.addText(file, readFileSync(path.join(pins, file), "utf8"));
  }

  /** Image of one target; repeated calls return the same one. */
  target(target: WorkerImageTarget): IContainerImage {
    const existing = this.node.tryFindChild(target);
    if (existing !== undefined) return existing as BuiltImage | RegistryImage;
    const prebuilt = this.props.prebuilt?.[target];
    if (prebuilt !== undefined) return new RegistryImage(this, target, prebuilt);
    const { baseImage, build, buildTimeout } = this.props;
    const context = this.context.only((relative) => usedBy(target, relative));
    const extension = target === "worker" ? build.dockerfile : undefined;
    if (extension !== undefined)
      context.addText("Dockerfile", extendDockerfile(context.text("Dockerfile"), target, readFileSync(extension, "utf8")));
    const downloads = target !== "runtime";
    return new BuiltImage(this, target, new ImageContext(this, `${target}-context`, context, build), {
      repository: `codex-fleet/${target}`,
      target: extension === undefined ? target : EXTENDED_STAGE,
      buildArgs: {
        BASE_IMAGE: baseImage,
        ...(downloads && build.pins !== undefined ? pinArguments(context) : {}),
        ...(downloads && build.packages.length > 0 ? { PACKAGES: build.packages.join(" ") } : {}),
      },
      ...(downloads ? { downloadArgs: downloadArguments(build) } : {}),
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

/** Build arguments with download sources. BuildKit itself keeps proxies out of the image's history. */
function downloadArguments(build: BuildSettings): Record<string, string> {
  const { debian_mirror, npm_registry, pip_index_url, http_proxy, https_proxy, no_proxy } = build;
  const given = {
    DEBIAN_MIRROR: debian_mirror,
    NPM_REGISTRY: npm_registry,
    PIP_INDEX_URL: pip_index_url,
    http_proxy,
    https_proxy,
    no_proxy,
  };
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Dockerfile and manifests of the package, and under runtime/ the programs that `tools/bundle.mjs` bundled. */
export function packageContext(root: string): BuildContext {
  const context = new BuildContext().addDirectory(path.join(root, "assets", "worker"));
  const programs = path.join(root, "dist", "runtime");
  return existsSync(programs) ? context.addDirectory(programs, "runtime") : context;
}
