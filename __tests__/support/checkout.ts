import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ContainerLabel } from "../../runtime/contract";
import { output, run } from "./command";

const ORIGINAL = path.join(__dirname, "../..");

/** What a checkout needs to deploy, without tests, documentation and build results. */
const PARTS = [
  ...["package.json", "package-lock.json", ".npmrc", "cdktf.json", "tsconfig.json", "main.ts"],
  ...["assets", "cli", "constructs", "runtime", "tools"],
];

/** A separate checkout with one environment and its own state. It shares the installed npm packages. */
export class Checkout {
  readonly root = mkdtempSync(path.join(tmpdir(), "fleet-checkout-"));

  constructor(
    readonly environment: string,
    settings: string,
  ) {
    for (const part of PARTS) cpSync(path.join(ORIGINAL, part), path.join(this.root, part), { recursive: true });
    symlinkSync(path.join(ORIGINAL, "node_modules"), path.join(this.root, "node_modules"));
    mkdirSync(path.join(this.root, "environments"));
    writeFileSync(path.join(this.root, "environments", `${environment}.toml`), settings);
  }

  /** Containers of the environment by id, with the engine's description of each. */
  async containers(): Promise<Map<string, string>> {
    const filter = `label=${ContainerLabel.environment}=${this.environment}`;
    const lines = await output("docker", ["ps", "--all", "--no-trunc", "--filter", filter, "--format", "{{.ID}} {{.Status}}"]);
    return new Map(
      lines
        .split("\n")
        .filter(Boolean)
        .map((line) => [line.slice(0, 64), line.slice(65)]),
    );
  }

  async containerOf(service: string): Promise<string> {
    const labels = { [ContainerLabel.environment]: this.environment, [ContainerLabel.service]: service };
    const filters = Object.entries(labels).flatMap(([label, value]) => ["--filter", `label=${label}=${value}`]);
    return output("docker", ["ps", "--all", "--quiet", "--no-trunc", ...filters]);
  }

  /** Names of the environment's networks, with duplicates. */
  async networks(): Promise<string[]> {
    return this.names("network");
  }

  /** 0 nothing to change, 2 changes. */
  async planExitCode(stack: string): Promise<number> {
    const cwd = path.join(this.root, "cdktf.out/stacks", stack);
    const plan = await run("terraform", ["plan", "-detailed-exitcode", "-input=false", "-no-color"], {
      cwd,
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    });
    if (plan.code !== 0) process.stderr.write(plan.stdout + plan.stderr);
    return plan.code;
  }

  /** Removes the fleet, its data and this directory. */
  async remove(): Promise<void> {
    const containers = [...(await this.containers()).keys()];
    if (containers.length > 0) await output("docker", ["rm", "--force", "--volumes", ...containers]);
    for (const kind of ["network", "volume"]) {
      const names = await this.names(kind);
      if (names.length > 0) await output("docker", [kind, "rm", ...names]);
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  private async names(kind: string): Promise<string[]> {
    const names = (await output("docker", [kind, "ls", "--format", "{{.Name}}"])).split("\n");
    return names.filter((name) => name.startsWith(`${this.environment}-`) || name.startsWith(`${this.environment}_`)).sort();
  }
}
