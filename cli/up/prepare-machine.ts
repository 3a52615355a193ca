import { spawn } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DOCKER_PROVIDER_VERSION } from "../../constructs/docker-provider-version";
import { stateFile } from "../terraform/fleet-state";
import { stackDirectory } from "../terraform/synthesis";
import type { FleetEnvironment } from "../project/fleet-environment";
import { canAsk, confirm } from "../console/question";
import { OperatorError } from "../console/operator-error";
import { output } from "../console/output";
import { install } from "./install";
import { installationWords, planInstallation } from "./installation";
import { inspectMachine, standInScript } from "./inspect-machine";
import type { MachineNeeds } from "./inspect-machine";
import { decideOverlay, planOverlay } from "./local-overlay";
import type { Overlay } from "./local-overlay";
import type { BaseImage, MachineFacts } from "./machine-facts";
import { MissingPrerequisitesError, showPrerequisites } from "../console/prerequisite";
import { prerequisites } from "./docker-prerequisite";
import { dockerLacks } from "./engine-choice";

export interface MachineOptions {
  /** Whether -y was given; then packages are installed without a question. */
  readonly yes: boolean;
  /** Whether another engine is taken if Docker cannot be used; then Docker's missing prerequisites are not listed. */
  readonly alternative: boolean;
}

/** Result of the preparation, and what to do before the fleet can be built. */
export interface PreparedMachine {
  /** Whether settings of this machine were written; then the environment has to be loaded again. */
  readonly settingsWritten: boolean;
  /** Makes replacements for base images that no registry provided. */
  readonly makeStandIns: () => Promise<void>;
}

/**
 * Checks the prerequisites. When all are fulfilled, it writes the settings this machine needs to the environment's local
 * file. It changes nothing on the engine.
 *
 * @throws OperatorError when something is missing; nothing was changed then.
 */
export async function prepareMachine(environment: FleetEnvironment, options: MachineOptions): Promise<PreparedMachine> {
  const { settings } = environment;
  const facts = await meetPrerequisites(environment, options);
  const set = { network: settings.build.network, caBundle: settings.build.ca_bundle };
  const overlay = decideOverlay(facts, set);
  const plan = planOverlay(readOverlay(environment), overlay);
  if (plan.kind === "refused") {
    throw new OperatorError(`${overlayFile(environment)} is yours and not changed; this machine needs these lines in it:\n${plan.lines}`);
  }
  if (plan.kind === "write") writeOverlay(environment, plan.text, overlay);
  return { settingsWritten: plan.kind === "write", makeStandIns: () => makeStandIns(facts, set, overlay) };
}

/** Inspects the machine, installs what it may, and inspects again, because only a running engine shows what else is missing. */
async function meetPrerequisites(environment: FleetEnvironment, { yes, alternative }: MachineOptions): Promise<MachineFacts> {
  const needs: MachineNeeds = {
    environment: environment.name,
    images: ownImages(environment),
    ports: publishedPorts(environment),
    newNetworks: newNetworks(environment),
    provider: { stackDirectory: stackDirectory(environment, environment.names.fleetStack), version: DOCKER_PROVIDER_VERSION },
  };
  const said = new Set<string>();
  for (;;) {
    const facts = await inspectMachine(needs);
    const rows = prerequisites(facts, yes || canAsk());
    const missing = rows.filter(({ ok }) => !ok);
    if (alternative && dockerLacks(missing).length > 0) throw new MissingPrerequisitesError(missing);
    if (said.size === 0) output().section("Prerequisites");
    showPrerequisites(rows.filter((each) => !said.has(JSON.stringify(each))));
    for (const each of rows) said.add(JSON.stringify(each));
    if (missing.length > 0) throw new MissingPrerequisitesError(missing);
    const installation = planInstallation(facts);
    if (installation === undefined) return facts;
    await confirm(`${installationWords(installation)}?`, yes);
    await install(installation, facts.system, (line) => output().line(line));
  }
}

function publishedPorts({ settings }: FleetEnvironment): MachineNeeds["ports"] {
  const api = { listen: settings.api.listen, fix: 'stop that program, or choose another port with [api] listen = "127.0.0.1:PORT"' };
  const github = {
    listen: settings.demo.github_listen,
    fix: 'stop that program, take the other demonstration down, or choose another port with [demo] github_listen = "127.0.0.1:PORT"',
  };
  return settings.demo.scripted_services ? [api, github] : [api];
}

/** Networks that must not exist yet: Docker would create a second one of the same name, and containers could join neither. */
function newNetworks(environment: FleetEnvironment): readonly string[] {
  const state = stateFile(environment, environment.names.dataStack);
  return state !== undefined && !existsSync(state) ? Object.values(environment.names.networks) : [];
}

/** The base images needed: none for an imported broker or database, nor for an image that was built earlier. */
function ownImages({ settings }: FleetEnvironment): Partial<Record<BaseImage["key"], string>> {
  const { base, rabbitmq, postgres, worker, runtime, broker } = settings.images;
  const builds = worker === undefined || runtime === undefined || settings.demo.scripted_services;
  return {
    ...(builds ? { base } : {}),
    ...(settings.broker.url === undefined && broker === undefined ? { rabbitmq } : {}),
    ...(settings.database.host === undefined ? { postgres } : {}),
  };
}

function overlayFile({ file }: FleetEnvironment): string {
  return file.replace(/\.toml$/, ".local.toml");
}

function readOverlay(environment: FleetEnvironment): string | undefined {
  const file = overlayFile(environment);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function writeOverlay(environment: FleetEnvironment, text: string, overlay: Overlay): void {
  const file = overlayFile(environment);
  // Write by rename: the next run would refuse half a file.
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  output().line(`\nwrote ${path.relative(process.cwd(), file)}, settings of this machine alone:`);
  for (const reason of overlay.reasons) output().line(`  ${reason}`);
}

interface BuildNeeds {
  readonly network: string;
  readonly caBundle: string | undefined;
}

async function makeStandIns(facts: MachineFacts, set: BuildNeeds, { values }: Overlay): Promise<void> {
  const absent = facts.images.filter(({ source }) => source === "absent");
  if (absent.length === 0) return;
  output().section("Base images from Debian packages, in place of images no registry gave");
  const network = values.build?.network ?? set.network;
  const caBundle = values.build?.ca_bundle ?? set.caBundle;
  const options = [...(network === "default" ? [] : ["--network", network]), ...(caBundle === undefined ? [] : ["--ca-bundle", caBundle])];
  await runScript(standInScript(), [...options, ...absent.map(({ key }) => key)]);
}

async function runScript(program: string, args: readonly string[]): Promise<void> {
  // The script's output is for a person; with --json only events may be on stdout.
  const child = spawn(program, args, { stdio: ["inherit", output().json ? process.stderr : "inherit", "inherit"] });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("exit", (exit) => resolve(exit ?? 1));
  });
  if (code !== 0)
    throw new OperatorError(
      `${path.basename(program)} ${args.join(" ")} ended with ${code}, see above; fix the cause, then run the same command again`,
      1,
    );
}
