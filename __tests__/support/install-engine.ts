import { inspectMachine } from "../../cli/up/inspect-machine";
import { install } from "../../cli/up/install";
import { planInstallation } from "../../cli/up/installation";

/**
 * Installs a missing engine as `up -y` does where Terraform and its provider are, and prints what it finds afterwards; runs
 * on a fresh machine.
 */
async function main(): Promise<void> {
  const needs = {
    environment: "fresh",
    images: {},
    ports: [],
    newNetworks: [],
    provider: { version: "~> 4.5", stackDirectory: "/nonexistent" },
  };
  const look = async () => {
    const facts = await inspectMachine(needs);
    return { ...facts, terraform: "1.11.4", provider: { version: "4.5.0", problem: undefined } };
  };
  const before = await look();
  const planned = planInstallation(before);
  console.log(`PLANNED ${JSON.stringify(planned?.packages ?? null)}`);
  if (planned !== undefined) await install(planned, before.system, console.log);
  const after = await look();
  console.log(`FOUND ${JSON.stringify({ engine: after.engine.version, local: after.standIns.local, builds: after.standIns.buildClient })}`);
  console.log(`THEN ${JSON.stringify(planInstallation(after) ?? null)}`);
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
