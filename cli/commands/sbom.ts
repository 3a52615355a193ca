import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { ServiceName } from "../../constructs/resource-names";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import { loadEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { cycloneDx } from "../sbom/cyclonedx";
import { distribution, installedPackages } from "../sbom/installed-package";
import { readImage } from "../sbom/read-image";

/** `codex-fleet sbom ENV`: what is in an image, as a CycloneDX document. */
export function sbomCommand(): Command {
  return new Command("sbom")
    .description("packages of a service's image as a CycloneDX document")
    .argument("[env]", "name of an environment", "demo")
    .option("--service <name>", "service whose image is described", ServiceName.codexWorker)
    .option("--image <reference>", "describe this image instead")
    .option("--output <file>", "file to write (default: standard output)")
    .action(async (name: string, options: { service: string; image?: string; output?: string }) => {
      const text = `${JSON.stringify(await describeImage(options.image ?? (await imageOf(name, options.service))), null, 2)}\n`;
      if (options.output === undefined) process.stdout.write(text);
      else writeFileSync(options.output, text);
    });
}

/** @throws OperatorError when the image is absent or not of Debian. */
export async function describeImage(image: string): Promise<object> {
  const { id, records } = await readImage(image);
  const tags = JSON.parse(await docker(["image", "inspect", "--format", "{{json .RepoTags}}", image])) as string[];
  const reference = tags.includes(image) ? image : (tags[0] ?? image);
  return cycloneDx({ reference, id, distribution: distribution(records) }, installedPackages(records));
}

async function imageOf(name: string, service: string): Promise<string> {
  loadEnvironment(name);
  const containers = await listContainers(name);
  const container = containers.find((each) => each.service === service);
  if (container === undefined) {
    const services = [...new Set(containers.map((each) => each.service))];
    throw new OperatorError(
      services.length === 0
        ? `${name} is not up: codex-fleet up ${name}, or name an image with --image`
        : `${name} has no service "${service}"; there are ${services.join(", ")}`,
    );
  }
  return docker(["inspect", "--format", "{{.Image}}", container.id]);
}
