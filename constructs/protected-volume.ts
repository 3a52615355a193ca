import type { Construct } from "constructs";
import { DockerVolume } from "./tf";

export interface ProtectedVolumeProps {
  readonly volumeName: string;
  /** Whether Terraform refuses to destroy it. @default true */
  readonly protect?: boolean;
}

/**
 * A named volume that outlives what uses it. The engine hands out an existing volume of the name as it is; its labels
 * and driver are then left alone, because the provider would replace the volume, data and all, to change them.
 */
export class ProtectedVolume extends DockerVolume {
  constructor(scope: Construct, id: string, props: ProtectedVolumeProps) {
    super(scope, id, {
      name: props.volumeName,
      lifecycle: { preventDestroy: props.protect ?? true, ignoreChanges: ["labels", "driver", "driver_opts"] },
    });
  }
}
