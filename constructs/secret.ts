import { ImageLayout } from "../runtime/contract";
import type { SecretConsumer } from "../runtime/contract";
import type { ResourceNames } from "./resource-names";
import type { VolumeMount } from "./service-props";

/** A consumer's secrets, read-only at /run/secrets. The files are put there by the operator's tool, never by Terraform. */
export function secretsMount(names: ResourceNames, consumer: SecretConsumer): VolumeMount {
  return { volume: names.secrets(consumer), path: ImageLayout.secrets, readOnly: true };
}
