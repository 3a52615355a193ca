import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import { runCommand } from "../process/run-program";
import type { CommandResult } from "../process/run-program";
import { startTerraform, terraformEnvironment, terraformProgram } from "./terraform";
import type { TerraformProcess } from "./terraform";

/** A plan saved by Terraform, which can be applied unchanged. */
export interface StackPlan {
  readonly stack: Stack;
  /** The output of `terraform show -json`; undefined when there is nothing to change. */
  readonly changes: unknown;
}

/** A running Terraform command on a stack. */
export interface StackRun<T> {
  readonly ended: Promise<T>;
  interrupt(): void;
}

/** Terraform failed: its errors, each once. */
export class TerraformError extends OperatorError {
  constructor(stack: string, errors: readonly string[]) {
    super(`${stack}: ${errors.join("\n")}`, 1);
    this.name = "TerraformError";
  }
}

/** One synthesized stack of a project. */
export class Stack {
  private readonly planFile: string;

  /**
   * @param directory Directory of the synthesized stack.
   * @param log Called with every line Terraform writes.
   */
  constructor(
    readonly name: string,
    readonly directory: string,
    private readonly log: (line: string) => void,
  ) {
    this.planFile = path.join(directory, ".terraform", "fleet.tfplan");
  }

  /**
   * Compares the declared resources with the existing ones. Changes nothing.
   *
   * @param refresh Whether Terraform asks the engine about each resource; otherwise it relies on its state.
   */
  plan({ refresh }: { readonly refresh: boolean }): StackRun<StackPlan> {
    let running: TerraformProcess | undefined;
    let stopped = false;
    const attempt = async (): Promise<number> => {
      const said = new Diagnostics(this.log);
      this.makePlanFile();
      const options = ["-json", "-input=false", "-detailed-exitcode", `-out=${this.planFile}`, ...(refresh ? [] : ["-refresh=false"])];
      running = startTerraform(this.directory, ["plan", ...options], (line) => said.read(line));
      if (stopped) running.interrupt();
      const code = await running.ended;
      if (code === 0 || code === 2) return code;
      throw new TerraformError(this.name, said.errors());
    };
    const ended = (async () => {
      await this.makeReady();
      const code = await attempt().catch(async (error: unknown) => {
        // Terraform itself says when init is needed: for a newer provider, a deleted lock file or a moved state.
        if (stopped || !(error instanceof TerraformError) || !error.message.includes("terraform init")) throw error;
        await this.initialise();
        return attempt();
      });
      return { stack: this, changes: code === 0 ? undefined : await this.readPlan() };
    })();
    return {
      ended,
      interrupt: () => {
        stopped = true;
        running?.interrupt();
      },
    };
  }

  /** Applies the last plan. */
  apply(): StackRun<void> {
    return this.change(["apply", "-json", "-input=false", this.planFile]);
  }

  /**
   * Destroys the stack's resources.
   *
   * @param keep Resource types that are not destroyed and stay in the state.
   */
  destroy(keep: readonly string[] = []): StackRun<void> {
    let running: StackRun<void> | undefined;
    let stopped = false;
    const ended = (async () => {
      await this.makeReady();
      const addresses = await this.addresses();
      const due = addresses.filter((address) => !keep.includes(address.split(".", 1)[0]!));
      if (due.length === 0 || stopped) return;
      const targets = due.length === addresses.length ? [] : due.map((address) => `-target=${address}`);
      running = this.change(["destroy", "-json", "-input=false", "-auto-approve", ...targets]);
      await running.ended;
    })();
    return {
      ended,
      interrupt: () => {
        stopped = true;
        running?.interrupt();
      },
    };
  }

  /** Runs init only when the declared provider or backend has changed, because it takes half as long as a plan. */
  private async makeReady(): Promise<void> {
    const present = existsSync(this.initialisedFile) ? readFileSync(this.initialisedFile, "utf8") : undefined;
    if (present !== this.terraformBlock()) await this.initialise();
  }

  /** Installs the provider and configures the backend. */
  private async initialise(): Promise<void> {
    const result = await this.run(["init", "-input=false", "-no-color"]);
    const text = `${result.stdout.toString("utf8")}\n${result.stderr}`.trim();
    text.split("\n").forEach(this.log);
    if (!result.ok) throw new TerraformError(this.name, [`terraform init failed:\n${text.split("\n").slice(-15).join("\n")}`]);
    writeFileSync(this.initialisedFile, this.terraformBlock());
  }

  /** Deletes the plan file, which contains the same data as the state. */
  forgetPlan(): void {
    rmSync(this.planFile, { force: true });
  }

  private change(args: readonly string[]): StackRun<void> {
    const said = new Diagnostics(this.log);
    const running = startTerraform(this.directory, args, (line) => said.read(line));
    const ended = running.ended.then((code) => {
      if (code !== 0) throw new TerraformError(this.name, said.errors());
    });
    return { ended, interrupt: running.interrupt };
  }

  private makePlanFile(): void {
    mkdirSync(path.dirname(this.planFile), { recursive: true });
    closeSync(openSync(this.planFile, "w", 0o600));
    chmodSync(this.planFile, 0o600);
  }

  private async readPlan(): Promise<unknown> {
    const result = await this.run(["show", "-json", "-no-color", this.planFile]);
    if (!result.ok) throw new TerraformError(this.name, [`terraform show failed: ${result.stderr}`]);
    return JSON.parse(result.stdout.toString("utf8")) as unknown;
  }

  /** Addresses of the resources in the state, without data sources. */
  private async addresses(): Promise<string[]> {
    const result = await this.run(["state", "list"]);
    // A stack that was never deployed has no state.
    if (!result.ok && !/No state file was found/i.test(result.stderr))
      throw new TerraformError(this.name, [`terraform state list failed: ${result.stderr}`]);
    return result.stdout
      .toString("utf8")
      .split("\n")
      .filter((address) => address !== "" && !/(^|\.)data\./.test(address));
  }

  private run(args: readonly string[]): Promise<CommandResult> {
    return runCommand(terraformProgram(), args, { cwd: this.directory, environment: terraformEnvironment() });
  }

  private get initialisedFile(): string {
    return path.join(this.directory, ".terraform", "initialised-for.json");
  }

  private terraformBlock(): string {
    const { terraform } = JSON.parse(readFileSync(path.join(this.directory, "cdk.tf.json"), "utf8")) as { terraform: unknown };
    return JSON.stringify(terraform);
  }
}

/** Collects errors from Terraform's messages, one JSON object per line; other lines are kept as they are. */
class Diagnostics {
  private readonly found = new Set<string>();
  private readonly tail: string[] = [];

  constructor(private readonly log: (line: string) => void) {}

  read(line: string): void {
    this.log(line);
    const error = errorOf(line);
    if (error !== undefined) this.found.add(error);
    this.tail.push(line);
    if (this.tail.length > 15) this.tail.shift();
  }

  errors(): string[] {
    return this.found.size > 0 ? [...this.found] : ["the end of its output:", ...this.tail];
  }
}

/** The error in one line, with its resource; undefined for any other line. */
export function errorOf(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  interface Message {
    readonly diagnostic?: { readonly severity: string; readonly summary: string; readonly detail?: string; readonly address?: string };
  }
  let diagnostic: Message["diagnostic"];
  try {
    ({ diagnostic } = JSON.parse(line) as Message);
  } catch {
    return undefined;
  }
  if (diagnostic?.severity !== "error") return undefined;
  const { summary, detail, address } = diagnostic;
  return [`${address === undefined ? "" : `${address}: `}${summary}`, ...(detail ? [detail] : [])].join("\n");
}
