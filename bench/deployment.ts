import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { terraformEnvironment, terraformProgram } from "../cli/terraform/terraform";
import { composeFile } from "./compose";
import { openFleet } from "./fleet";
import type { BenchFleet } from "./fleet";
import { hcl, hclNames, hclState } from "./hcl";
import { alternate, sample } from "./measure";
import { atMost } from "./table";
import type { Row } from "./table";

/** The fleet's life on Docker against the same containers in `docker compose`, and the same resources in HCL. */
export const deploymentRows: readonly Row[] = [
  {
    name: "up",
    what: "warm up, images built",
    against: "docker compose up --wait of the same containers",
    unit: "s",
    target: atMost(1.2),
    measure: async () => {
      sample(["docker", "compose", "version"]);
      const fleet = await openFleet();
      const file = path.join(fleet.root, "compose.json");
      writeFileSync(file, composeFile(fleet.resources));
      const compose = (...args: string[]) => sample(["docker", "compose", "--file", file, ...args]).milliseconds / 1000;
      fleet.down();
      return alternate(
        {
          ours: () => {
            const seconds = fleet.up() / 1000;
            fleet.down();
            return seconds;
          },
          peer: () => {
            try {
              return compose("up", "--detach", "--wait");
            } finally {
              compose("down");
            }
          },
        },
        3,
        false,
      );
    },
  },
  {
    name: "unchanged",
    what: "up with nothing to change",
    against: "terraform plan of the fleet's stack",
    unit: "s",
    target: atMost(1.5),
    measure: async () => {
      const fleet = await openFleet();
      return alternate({ ours: () => fleet.up() / 1000, peer: () => plan(fleet.stack) }, 5);
    },
  },
  {
    name: "plan",
    what: "terraform plan with nothing to change",
    against: "the same resources in HCL",
    unit: "s",
    target: atMost(1.05),
    measure: async () => {
      const fleet = await openFleet();
      const directory = handWritten(fleet);
      return alternate({ ours: () => plan(fleet.stack), peer: () => plan(directory) }, 7);
    },
  },
  {
    name: "apply",
    what: "terraform apply of all containers",
    against: "the same resources in HCL",
    unit: "s",
    target: atMost(1.05),
    measure: async () => {
      const fleet = await openFleet();
      const directory = handWritten(fleet);
      const names = hclNames(fleet.resources);
      const ids = Object.keys(fleet.resources.docker_container);
      // The images are left out: a build is no part of the measurement.
      const destroy = (where: string, containers: readonly string[]) =>
        terraform(where, "destroy", "-auto-approve", ...containers.map((container) => `-target=docker_container.${container}`));
      const cycle = (where: string, containers: readonly string[]) => () => {
        const seconds = terraform(where, "apply", "-auto-approve");
        destroy(where, containers);
        return seconds;
      };
      const peers = ids.map((id) => names.get(`docker_container.${id}`)!);
      destroy(fleet.stack, ids);
      return alternate({ ours: cycle(fleet.stack, ids), peer: cycle(directory, peers) }, 3, false);
    },
  },
];

/** Seconds of a Terraform command. */
function terraform(directory: string, command: string, ...options: readonly string[]): number {
  const argv = [terraformProgram(), command, "-input=false", "-no-color", ...options];
  return sample(argv, { cwd: directory, environment: terraformEnvironment() }).milliseconds / 1000;
}

/** Seconds of a plan. Exit code 2, something to change, is an error: then both would not be the same. */
function plan(directory: string): number {
  return terraform(directory, "plan", "-detailed-exitcode");
}

/** A directory with the fleet's resources in HCL and a state that knows the same containers. */
function handWritten(fleet: BenchFleet): string {
  const directory = path.join(fleet.root, "hcl");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, "main.tf"), hcl(fleet.resources));
  writeFileSync(path.join(directory, "terraform.tfstate"), hclState(readFileSync(fleet.state, "utf8"), fleet.resources));
  const assets = path.join(directory, "assets");
  if (!existsSync(assets)) symlinkSync(path.join(fleet.stack, "assets"), assets);
  copyFileSync(path.join(fleet.stack, ".terraform.lock.hcl"), path.join(directory, ".terraform.lock.hcl"));
  terraform(directory, "init");
  return directory;
}
