import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually";
import { freePort } from "./free-port";
import { own, removeDirectory, serviceDirectory, startService } from "./service-process";

/** A container registry on the loopback interface, open for user `fleet` with password `planted`. */
export interface Registry {
  /** `127.0.0.1:PORT`, which Docker talks to without TLS. */
  readonly host: string;
  stop(): Promise<void>;
}

/** bcrypt of `planted`. */
const ACCOUNT = "fleet:$2b$04$.1aOMyeQSlxkjLl8cvHEtOJw/2Ios7nGjd2em5lYR0pAc14MK/GIe\n";

/** Why there is no registry here, or undefined. */
export function registryIsMissing(): string | undefined {
  return spawnSync("docker-registry", ["--version"]).status === 0 ? undefined : "docker-registry is not installed";
}

export async function startRegistry(): Promise<Registry> {
  const directory = serviceDirectory("registry");
  const host = `127.0.0.1:${await freePort()}`;
  const storage = join(directory, "storage");
  mkdirSync(storage);
  own(storage);
  writeFileSync(join(directory, "htpasswd"), ACCOUNT);
  const settings = {
    version: "0.1",
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: storage } },
    http: { addr: host },
    auth: { htpasswd: { realm: "fleet", path: join(directory, "htpasswd") } },
  };
  writeFileSync(join(directory, "config.yml"), JSON.stringify(settings));
  const service = startService("docker-registry", ["serve", join(directory, "config.yml")], directory, {});
  await eventually(async () => expect((await fetch(`http://${host}/v2/`)).status).toBe(401));
  return {
    host,
    async stop() {
      await service.stop();
      removeDirectory(directory);
    },
  };
}
