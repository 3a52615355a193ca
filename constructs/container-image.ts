import { Construct } from "constructs";
import { DockerImage } from "./tf";

/** An image a service can run: built by the fleet, pulled, or already on the engine. */
export interface IContainerImage {
  /** Reference with tag, for people and for `FLEET_IMAGE`. */
  readonly reference: string;
  /** Id of the image on the engine. Containers refer to it, so that they are replaced when the image changes. */
  readonly imageId: string;
}

/** An image from a registry, pulled unless the engine already has it. */
export class RegistryImage extends Construct implements IContainerImage {
  readonly reference: string;
  readonly imageId: string;

  constructor(scope: Construct, id: string, reference: string) {
    super(scope, id);
    const image = new DockerImage(this, "Resource", { name: reference, keepLocally: true });
    this.reference = reference;
    this.imageId = image.imageId;
  }
}
