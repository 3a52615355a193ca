import { Command } from "commander";
import { withExamples } from "../console/examples";
import { output } from "../console/output";

/** `codex-fleet image`: images that are built once and deployed many times. */
export function imageCommand(): Command {
  const push = new Command("push")
    .description("push the images an environment runs on, and print the keys that deploy exactly those")
    .argument("<env>", "name of an environment that is up")
    .argument("<repository>", "registry and name, registry.example/team/codex-fleet; run docker login first")
    .action(async (name: string, repository: string) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { imageKeys, pushImages } = await import("../image/push-images");
      await chooseEnvironment(name, "image push");
      output().line(imageKeys(await pushImages(name, repository)));
    });
  return new Command("image")
    .description("images that are built once and deployed many times")
    .addCommand(
      withExamples(push, [
        ["{} image push staging registry.example/team/codex-fleet >> environments/prod.toml", "prod deploys exactly what runs in staging"],
      ]),
    );
}
