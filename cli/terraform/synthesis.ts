import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../console/operator-error";
import { runCommand } from "../process/run-program";
import type { FleetEnvironment } from "../project/fleet-environment";

/** The output of the project's program for an environment: a directory for each stack. */
export interface Synthesis {
  readonly data: string;
  readonly fleet: string;
  /** Warnings of the program. */
  readonly warnings: readonly string[];
}

/** The memory limit with which the CDK for Terraform command line runs a program that synthesizes. */
const NODE_OPTIONS = "--max-old-space-size=4096";

/**
 * Runs the program of cdktf.json as `cdktf synth` does, for one environment, so that Terraform uses the same files as with
 * `cdktf deploy`.
 *
 * @throws OperatorError with the program's output, or when it did not write the environment's stacks.
 */
export async function synthesize(environment: Pick<FleetEnvironment, "name" | "names" | "project">): Promise<Synthesis> {
  const { name, names, project } = environment;
  const { app, output, context } = readConfiguration(project.root);
  const outputDirectory = path.resolve(project.root, output);
  const [data, fleet] = [names.dataStack, names.fleetStack].map((stack) => stackDirectory(environment, stack)) as [string, string];
  for (const directory of [data, fleet]) rmSync(path.join(directory, STACK_FILE), { force: true });

  const result = await runCommand("sh", ["-c", app], {
    cwd: project.root,
    environment: {
      FLEET_ENVIRONMENTS: name,
      CDKTF_OUTDIR: outputDirectory,
      CDKTF_CONTEXT_JSON: JSON.stringify(context),
      NODE_OPTIONS: process.env.NODE_OPTIONS ?? NODE_OPTIONS,
      PATH: `${path.join(project.root, "node_modules/.bin")}${path.delimiter}${process.env.PATH ?? ""}`,
    },
  });
  if (!result.ok) {
    const said = `${result.stdout.toString("utf8")}\n${result.stderr}`.trim();
    throw new OperatorError(`the program of cdktf.json did not synthesize (${app}):\n${said}`);
  }
  const absent = [names.dataStack, names.fleetStack].filter(
    (stack) => !existsSync(path.join(stackDirectory(environment, stack), STACK_FILE)),
  );
  if (absent.length > 0)
    throw new OperatorError(
      `the program of cdktf.json (${app}) wrote no stack ${absent.join(", ")}: it has to declare a FleetStack with the id "${name}"`,
    );
  return { data, fleet, warnings: readWarnings(outputDirectory) };
}

/** File of a stack's declarations in its directory. */
const STACK_FILE = "cdk.tf.json";

/** Directory in which Terraform works on a stack, below the output directory of cdktf.json. */
export function stackDirectory({ project }: Pick<FleetEnvironment, "project">, stack: string): string {
  return path.resolve(project.root, readConfiguration(project.root).output, "stacks", stack);
}

interface Configuration {
  readonly app: string;
  readonly output: string;
  readonly context: Readonly<Record<string, unknown>>;
}

function readConfiguration(root: string): Configuration {
  const file = path.join(root, "cdktf.json");
  let read: Partial<Configuration>;
  try {
    read = JSON.parse(readFileSync(file, "utf8")) as Partial<Configuration>;
  } catch (error) {
    throw new OperatorError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (typeof read.app !== "string" || read.app.trim() === "")
    throw new OperatorError(
      `${file}: app is ${JSON.stringify(read.app)}, must be the command that synthesizes, for example "npx tsx main.ts"`,
    );
  return { app: read.app, output: read.output ?? "cdktf.out", context: read.context ?? {} };
}

function readWarnings(outputDirectory: string): string[] {
  interface Manifest {
    readonly stacks: Readonly<
      Record<
        string,
        { readonly annotations: readonly { readonly constructPath: string; readonly level: string; readonly message: string }[] }
      >
    >;
  }
  const { stacks } = JSON.parse(readFileSync(path.join(outputDirectory, "manifest.json"), "utf8")) as Manifest;
  return Object.values(stacks)
    .flatMap(({ annotations }) => annotations)
    .filter(({ level }) => level !== "@cdktf/info")
    .map(({ constructPath, message }) => `${constructPath}: ${message}`);
}
