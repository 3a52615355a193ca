import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { ServiceName } from "../../constructs/resource-names";
import { withExamples } from "../console/examples";

interface SbomOptions {
  readonly service: string;
  readonly image?: string;
  readonly output?: string;
}

/** `codex-fleet sbom [env]`: what is in an image, as a CycloneDX document. */
export function sbomCommand(): Command {
  const command = new Command("sbom")
    .description("packages of a service's image as a CycloneDX document")
    .argument("[env]", "name of an environment")
    .option("--service <name>", "service whose image is described", ServiceName.codexWorker)
    .option("--image <reference>", "describe this image instead")
    .option("--output <file>", "file to write (default: standard output)")
    .action(async (name: string | undefined, { service, image, output }: SbomOptions) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { describeImage, imageOf } = await import("../sbom/describe-image");
      const described = image ?? (await imageOf((await chooseEnvironment(name, "sbom")).name, service));
      const text = `${JSON.stringify(await describeImage(described), null, 2)}\n`;
      if (output === undefined) process.stdout.write(text);
      else writeFileSync(output, text);
    });
  return withExamples(command, [
    ["sbom dev --output worker.cdx.json", "the worker image of dev"],
    ["sbom --image debian:trixie-slim", "any image on the engine that is based on Debian"],
  ]);
}
