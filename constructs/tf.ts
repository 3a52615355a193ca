/**
 * The only file that imports cdktf and the Docker provider, so that a move to another library or version changes only it.
 */
import type { TerraformStack } from "cdktf";
import { DOCKER_PROVIDER_VERSION } from "./docker-provider-version";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import type { DockerProviderConfig } from "@cdktf/provider-docker/lib/provider";

export { App, AssetType, Fn, TerraformAsset, TerraformBackend, TerraformOutput, TerraformStack, Testing, Token } from "cdktf";
export type { TerraformRemoteState, TerraformResourceLifecycle } from "cdktf";
export { Container as DockerContainer } from "@cdktf/provider-docker/lib/container";
export type { ContainerConfig as DockerContainerConfig, ContainerHealthcheck } from "@cdktf/provider-docker/lib/container";
export { Image as DockerImage } from "@cdktf/provider-docker/lib/image";
export type { ImageBuild as DockerImageBuild } from "@cdktf/provider-docker/lib/image";
export { Network as DockerNetwork } from "@cdktf/provider-docker/lib/network";
export { Volume as DockerVolume } from "@cdktf/provider-docker/lib/volume";
export { DOCKER_PROVIDER_VERSION, DockerProvider, type DockerProviderConfig };

/** Adds the Docker provider to a stack, in the version that the constructs need. */
export function addDockerProvider(stack: TerraformStack, config: DockerProviderConfig = {}): DockerProvider {
  const provider = new DockerProvider(stack, "docker", config);
  stack.addOverride("terraform.required_providers.docker.version", DOCKER_PROVIDER_VERSION);
  return provider;
}
