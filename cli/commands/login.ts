import { Command } from "commander";
import { withExamples } from "../console/examples";

/** `codex-fleet login [env]`: signs Codex in, once for the environment; the login stays in its volume. */
export function loginCommand(): Command {
  const command = new Command("login")
    .description("sign Codex in with a device code; the login stays in the environment's volume")
    .argument("[env]", "name of an environment")
    .action(async (name: string | undefined) => {
      const { chooseEnvironment } = await import("../project/choose-environment");
      const { signIn } = await import("../fleet/sign-in");
      process.exitCode = await signIn(await chooseEnvironment(name, "login"));
    });
  return withExamples(command, [["login dev", "once; every worker of dev uses it, also after the next deployment"]]);
}
