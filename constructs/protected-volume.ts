import type { Construct } from "constructs";
import { DockerVolume } from "./tf";

export interface ProtectedVolumeProps {
  readonly volumeName: string;
  /** Whether Terraform refuses to destroy it. @default true */
  readonly protect?: boolean;
}

/**
 * A named volume that outlives its users. The engine reuses an existing volume of the name. Changes of labels and driver
 * are ignored, because the provider would replace the volume, and so delete its data, to apply them.
 */
export class ProtectedVolume extends DockerVolume {
  constructor(scope: Construct, id: string, props: ProtectedVolumeProps) {
    super(scope, id, {
      name: props.volumeName,
      lifecycle: { preventDestroy: props.protect ?? true, ignoreChanges: ["labels", "driver", "driver_opts"] },
    });
  }
}
