import { Construct } from "constructs";
import type { BuildContext } from "./build-context";
import type { IContainerImage } from "./container-image";
import { digest } from "./digest";
import type { Duration } from "./duration";
import type { EnvironmentSettings } from "./environment-schema";
import { AssetType, DockerImage, TerraformAsset } from "./tf";

/** How this machine builds: the network of build steps and extra certificate authorities. */
export type BuildSettings = EnvironmentSettings["build"];

/** Name of the file with certificate authorities in a build context; steps mount it, no layer keeps it. */
export const CA_BUNDLE_FILE = "ca-certificates.crt";

export interface ImageBuildProps {
  /** Repository of the image, `codex-fleet/worker`; the tag is a digest of the image's inputs. */
  readonly repository: string;
  /** Stage of the Dockerfile. @default - the last one */
  readonly target?: string;
  /** Build arguments that change the image: part of the tag's digest. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Build arguments with download sources. Not part of the tag: every source gives the same files. @default - none */
  readonly downloadArgs?: Readonly<Record<string, string>>;
  /** File for the build's output, beside the synthesized stack. */
  readonly logFile: string;
  readonly settings: BuildSettings;
  readonly timeout: Duration;
}

/** A build context, copied once into the synthesized stack. Several images may be built from it. */
export class ImageContext extends Construct {
  readonly fingerprint: string;
  /** Path relative to the stack's directory, where Terraform runs; so it is the same in every checkout. */
  readonly path: string;

  constructor(scope: Construct, id: string, context: BuildContext, settings: BuildSettings) {
    super(scope, id);
    this.fingerprint = context.fingerprint();
    if (settings.ca_bundle !== undefined) context.addUnhashed(CA_BUNDLE_FILE, settings.ca_bundle);
    this.path = new TerraformAsset(this, "Asset", {
      path: context.stage(),
      type: AssetType.DIRECTORY,
      assetHash: this.fingerprint.slice(0, 12),
    }).path.replace(/\/$/, "");
  }
}

/**
 * An image built by the engine. The tag is a digest of the inputs: an edit creates a new image beside the old one, the
 * containers are replaced, and the old image stays for a rollback. (With a constant tag the provider removes the tag it
 * has just created.)
 */
export class BuiltImage extends Construct implements IContainerImage {
  readonly reference: string;
  readonly imageId: string;

  constructor(scope: Construct, id: string, context: ImageContext, props: ImageBuildProps) {
    super(scope, id);
    const content = digest({ context: context.fingerprint, target: props.target ?? null, buildArgs: props.buildArgs });
    this.reference = `${props.repository}:${content}`;
    const { network } = props.settings;
    const image = new DockerImage(this, "Resource", {
      name: this.reference,
      buildAttribute: {
        context: context.path,
        dockerfile: "Dockerfile",
        ...(props.target === undefined ? {} : { target: props.target }),
        buildArgs: { ...props.buildArgs, ...props.downloadArgs },
        ...(network === "default" ? {} : { networkMode: network }),
        buildLogFile: props.logFile,
      },
      triggers: { content },
      keepLocally: true,
      timeouts: { create: props.timeout.toString() },
      lifecycle: { createBeforeDestroy: true },
    });
    this.imageId = image.imageId;
  }
}
