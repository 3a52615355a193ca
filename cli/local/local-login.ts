import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { enterAccount } from "./account";
import type { LocalInstance } from "./instance";
import { LOCAL_PATH } from "./local-machine";

/** Signs Codex in for an instance; the login stays in its directory. @returns the exit code. */
export function localLogin(instance: LocalInstance): Promise<number> {
  enterAccount(instance.account);
  const tools = readdirSync(instance.at("tools")).map((name) => instance.at("tools", name, "bin"));
  const child = spawn("codex", ["login", "--device-auth"], {
    stdio: "inherit",
    cwd: "/",
    env: { ...process.env, CODEX_HOME: instance.at("codex"), PATH: [...tools, LOCAL_PATH].join(path.delimiter) },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
  });
}
