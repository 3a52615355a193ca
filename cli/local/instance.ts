import { chownSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import type { SecretConsumer } from "../../runtime/contract";
import type { FleetEnvironment } from "../project/fleet-environment";
import { findAccount } from "./account";
import type { Account } from "./account";

/** Everything of one environment on the local engine: deleting its directory deletes all there is. */
export class LocalInstance {
  constructor(
    readonly environment: string,
    readonly account: Account,
  ) {}

  get root(): string {
    return path.join(this.account.dataHome, this.environment);
  }

  /** A directory or file of the instance. */
  at(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  secrets(consumer: SecretConsumer): string {
    return this.at("secrets", consumer);
  }

  exists(): boolean {
    return existsSync(this.root);
  }

  /** Makes the directory; as root, it is handed to the account. */
  create(): void {
    const made = mkdirSync(this.root, { recursive: true, mode: 0o700 });
    if (made === undefined || !this.account.change) return;
    for (let directory = this.root; directory.startsWith(made); directory = path.dirname(directory))
      chownSync(directory, this.account.uid, this.account.gid);
  }
}

/** Where an environment of a project is on this machine, whether or not it has ever been up there. */
export async function findInstance({ name, project }: Pick<FleetEnvironment, "name" | "project">): Promise<LocalInstance> {
  return new LocalInstance(name, await findAccount(project.root));
}
