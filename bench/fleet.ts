import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Checkout } from "../__tests__/support/checkout";
import { freePort } from "../__tests__/support/free-port";
import { ContainerLabel } from "../runtime/contract";
import { sample } from "./measure";

/** Name of the measured environment. Whatever has it on this engine belongs to a measurement. */
const NAME = "fleet-bench";

/** A resource of the stack as Terraform's JSON has it. */
export type Resource = Readonly<Record<string, unknown>> & { readonly name: string };

export interface Resources {
  readonly docker_image: Readonly<Record<string, Resource>>;
  readonly docker_container: Readonly<Record<string, Resource>>;
}

/** The demo's fleet under another name, in a checkout of its own: it is up, and its images are built. */
export interface BenchFleet {
  readonly root: string;
  /** Directory in which Terraform works on the fleet's stack, and the file of its state. */
  readonly stack: string;
  readonly state: string;
  /** Resources of the stack, without the comments of the CDK. */
  readonly resources: Resources;
  /** Both return wall time in milliseconds. Up leaves alone what runs already. */
  up(): number;
  down(): number;
  /** Id of the running container of a service. */
  container(service: string): string;
}

let opened: { readonly checkout: Checkout; readonly fleet: BenchFleet } | undefined;
let failure: Error | undefined;

/**
 * The fleet, brought up at the first call; later calls bring it up again when it is down.
 *
 * @throws Error with what `up` said.
 */
export async function openFleet(): Promise<BenchFleet> {
  if (failure !== undefined) throw failure;
  if (opened !== undefined) {
    opened.fleet.up();
    return opened.fleet;
  }
  try {
    // What a measurement that was killed left behind.
    await new Checkout(NAME, "").remove();
    const checkout = new Checkout(NAME, await settings());
    const fleet = fleetOf(checkout);
    opened = { checkout, fleet };
    console.error(`bringing ${NAME} up`);
    fleet.up();
    return fleet;
  } catch (error) {
    failure = error as Error;
    throw error;
  }
}

/** Takes it away with its data, its images stay. */
export async function closeFleet(): Promise<void> {
  const { checkout } = opened ?? {};
  opened = undefined;
  await checkout?.remove();
}

async function settings(): Promise<string> {
  const demo = readFileSync(path.join(__dirname, "../environments/demo.toml"), "utf8");
  const [api, github] = [await freePort(), await freePort()];
  return demo
    .replace(/^#:schema.*\n/, "")
    .replace("demo_codex_auth_volume", `${NAME}_codex_auth_volume`)
    .replace(/^listen = .*$/m, `listen = "127.0.0.1:${api}"`)
    .replace(/^scripted_services = true$/m, `scripted_services = true\ngithub_listen = "127.0.0.1:${github}"`);
}

function fleetOf({ root }: Checkout): BenchFleet {
  const stack = path.join(root, "cdktf.out/stacks", NAME);
  const command = (name: string, ...options: string[]) =>
    sample([`./tools/${name}.sh`, NAME, "-y", ...options], { cwd: root }).milliseconds;
  return {
    root,
    stack,
    state: path.join(root, `terraform.${NAME}.tfstate`),
    get resources() {
      const read = JSON.parse(readFileSync(path.join(stack, "cdk.tf.json"), "utf8"), (key, value: unknown) =>
        key === "//" ? undefined : value,
      ) as { resource: Resources };
      return read.resource;
    },
    up: () => command("up", "--engine", "docker"),
    down: () => command("down"),
    container: (service) => {
      const filters = [`${ContainerLabel.environment}=${NAME}`, `${ContainerLabel.service}=${service}`];
      const options = filters.flatMap((filter) => ["--filter", `label=${filter}`]);
      const id = execFileSync("docker", ["ps", "--quiet", ...options], { encoding: "utf8" }).trim();
      if (id === "") throw new Error(`no container of ${service} is running`);
      return id;
    },
  };
}
