import { COMMAND_NAME } from "../console/command-name";
import { CliExitCode } from "../console/exit-code";
import { OperatorError } from "../console/operator-error";
import { unknownName } from "../console/unknown-name";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import { cycloneDx } from "./cyclonedx";
import { distribution, installedPackages } from "./installed-package";
import { readImage } from "./read-image";

/** @throws OperatorError when the image does not exist or is not based on Debian. */
export async function describeImage(image: string): Promise<object> {
  const { id, records } = await readImage(image);
  const tags = JSON.parse(await docker(["image", "inspect", "--format", "{{json .RepoTags}}", image])) as string[];
  const reference = tags.includes(image) ? image : (tags[0] ?? image);
  return cycloneDx({ reference, id, distribution: distribution(records) }, installedPackages(records));
}

/**
 * The image a service of an environment runs on.
 *
 * @throws OperatorError when the environment is not up; UsageError when it has no such service.
 */
export async function imageOf(name: string, service: string): Promise<string> {
  const containers = await listContainers(name);
  const container = containers.find((each) => each.service === service);
  if (container === undefined) {
    const services = [...new Set(containers.map((each) => each.service))];
    if (services.length > 0) throw unknownName(`${name} has no service "${service}"`, service, services);
    throw new OperatorError(`${name} is not up: ${COMMAND_NAME} up ${name}, or name an image with --image`, CliExitCode.NOT_RUNNING);
  }
  return docker(["inspect", "--format", "{{.Image}}", container.id]);
}
