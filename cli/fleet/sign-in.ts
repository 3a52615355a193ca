import { spawn } from "node:child_process";
import { ServiceName } from "../../constructs/resource-names";
import { PROXY_FORWARDER } from "../../runtime/contract";
import { COMMAND_NAME } from "../console/command-name";
import { CliExitCode } from "../console/exit-code";
import { OperatorError } from "../console/operator-error";
import { listContainers } from "../docker/fleet-containers";
import { meantFleet } from "../local/local-fleet";
import type { FleetEnvironment } from "../project/fleet-environment";

/**
 * Signs Codex in with a device code, in a running worker; the login stays in the environment's volume.
 *
 * @returns the exit code of `codex login`.
 * @throws OperatorError when the environment needs no login, or no worker runs.
 */
export async function signIn(environment: FleetEnvironment): Promise<number> {
  const { name, settings } = environment;
  if (settings.codex.auth !== "chatgpt") throw new OperatorError(`${name} needs no login: [codex] auth is "${settings.codex.auth}"`);
  const local = await meantFleet(environment);
  if (local !== undefined) return local.login();
  const worker = (await listContainers(name)).find(({ service, state }) => service === ServiceName.codexWorker && state === "running");
  if (worker === undefined)
    throw new OperatorError(`no codex worker of ${name} is running: ${COMMAND_NAME} up ${name}`, CliExitCode.NOT_RUNNING);
  const terminal = process.stdin.isTTY ? ["--interactive", "--tty"] : ["--interactive"];
  // Only the worker has the proxy's credentials, so use its forwarder.
  const proxy = `http://${PROXY_FORWARDER.host}:${PROXY_FORWARDER.port}`;
  const variables = settings.network.proxy_credentials ? ["--env", `HTTPS_PROXY=${proxy}`, "--env", `https_proxy=${proxy}`] : [];
  const child = spawn("docker", ["exec", ...terminal, ...variables, worker.id, "codex", "login", "--device-auth"], { stdio: "inherit" });
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => resolve(code ?? CliExitCode.FAILED));
  });
}
