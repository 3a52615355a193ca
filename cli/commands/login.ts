import { spawn } from "node:child_process";
import { Command } from "commander";
import { ServiceName } from "../../constructs/resource-names";
import { listContainers } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import { loadEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";

/** `codex-fleet login ENV`: signs Codex in, once for the environment; the login stays in its volume. */
export function loginCommand(): Command {
  return new Command("login")
    .description("sign Codex in with a device code; the login stays in the environment's volume")
    .argument("<env>", "name of an environment")
    .action(async (name: string) => {
      const environment = loadEnvironment(name);
      const { settings } = environment;
      if (settings.codex.auth !== "chatgpt") throw new OperatorError(`${name} needs no login: [codex] auth is "${settings.codex.auth}"`);
      const local = await meantFleet(environment);
      if (local !== undefined) {
        process.exitCode = await local.login();
        return;
      }
      const worker = (await listContainers(name)).find(({ service, state }) => service === ServiceName.codexWorker && state === "running");
      if (worker === undefined) throw new OperatorError(`no codex worker of ${name} is running: codex-fleet up ${name}`, 1);
      const terminal = process.stdin.isTTY ? ["--interactive", "--tty"] : ["--interactive"];
      const child = spawn("docker", ["exec", ...terminal, worker.id, "codex", "login", "--device-auth"], { stdio: "inherit" });
      process.exitCode = await new Promise<number>((resolve, reject) => {
        child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
      });
    });
}
