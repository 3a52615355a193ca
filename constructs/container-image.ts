import { Construct } from "constructs";
import { DockerImage } from "./tf";

/** An image a service can run: built here, pulled, or already on the engine. */
export interface IContainerImage {
  /** Reference with tag, for people and for `FLEET_IMAGE`. */
  readonly reference: string;
  /** Content address of the image on the engine: a container made from it is replaced when the image changes. */
  readonly imageId: string;
}

/** An image of a registry. One that is on the engine already is not pulled again. */
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
