import { ImageLayout } from "../runtime/contract";
import type { SecretConsumer } from "../runtime/contract";
import type { ResourceNames } from "./resource-names";
import type { VolumeMount } from "./service-props";

/** Mounts a consumer's secrets read-only at /run/secrets. codex-fleet writes the files, never Terraform. */
export function secretsMount(names: ResourceNames, consumer: SecretConsumer): VolumeMount {
  return { volume: names.secrets(consumer), path: ImageLayout.secrets, readOnly: true };
}
