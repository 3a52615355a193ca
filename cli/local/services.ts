import path from "node:path";
import type { EnvironmentSettings } from "../../constructs/environment-schema";
import { startPeriod } from "../../constructs/environment-variables";
import { listenUrl } from "../../constructs/listen-address";
import { ServiceName } from "../../constructs/resource-names";
import { BROKER_DEFINITIONS_FILE, parseDuration, stageDurations } from "../../runtime/contract";
import type { Agent } from "../../runtime/contract";
import type { FleetEnvironment } from "../project/fleet-environment";
import { accountWords } from "./account";
import { brokerEnvironment, brokerFiles, portMapperArguments } from "./broker";
import type { BrokerInstance } from "./broker";
import { serverArguments } from "./database";
import type { LocalInstance } from "./instance";
import type { Programs } from "./machine";
import type { PortName, Ports } from "./ports";
import { localVariables, secretVariables, skillRoots } from "./service-variables";
import type { ServiceDefinition, StopOrder } from "./supervisor";
import type { Tools } from "./tools";

/** The Erlang port mapper, which only the broker uses. */
export const PORT_MAPPER = "epmd";

/** The service that listens on each port. */
export const SERVICE_OF_PORT: Readonly<Record<PortName, string>> = {
  portMapper: PORT_MAPPER,
  broker: ServiceName.broker,
  brokerDistribution: ServiceName.broker,
  database: ServiceName.database,
  scriptedModel: ServiceName.scriptedModel,
  scriptedGithub: ServiceName.scriptedGithub,
};

export interface FleetPlan {
  readonly environment: Pick<FleetEnvironment, "name" | "settings">;
  readonly instance: LocalInstance;
  readonly ports: Ports;
  readonly programs: Programs;
  /** Directory of the fleet's own programs, with `runtime` and `worker`. */
  readonly fleetPrograms: string;
  readonly tools: Tools;
  /** Variables for every process that uses the network. */
  readonly passed: Readonly<Record<string, string>>;
}

/** How long broker and database may take to start on a slow machine, in milliseconds. */
const START_LIMIT = 120_000;

/** Every service of an environment, in start order. */
export function fleetServices(plan: FleetPlan): ServiceDefinition[] {
  return serviceNames(plan.environment.settings).map((name) => DEFINITIONS[name]!(plan));
}

/** The services an environment needs, with at most one worker of each kind. */
export function serviceNames({ broker, database, demo, workers }: EnvironmentSettings): string[] {
  return [
    ...(broker.url === undefined ? [PORT_MAPPER, ServiceName.broker] : []),
    ...(database.host === undefined ? [ServiceName.database] : []),
    ...(demo.scripted_services ? [ServiceName.scriptedModel, ServiceName.scriptedGithub] : []),
    ServiceName.api,
    ...(workers.codex.replicas > 0 ? [ServiceName.codexWorker] : []),
    ...(workers.gemini.replicas > 0 ? [ServiceName.geminiWorker] : []),
  ];
}

const DEFINITIONS: Readonly<Record<string, (plan: FleetPlan) => ServiceDefinition>> = {
  [PORT_MAPPER]: portMapper,
  [ServiceName.broker]: brokerService,
  [ServiceName.database]: databaseService,
  [ServiceName.scriptedModel]: scriptedModel,
  [ServiceName.scriptedGithub]: scriptedGithub,
  [ServiceName.api]: api,
  [ServiceName.codexWorker]: (plan) => worker(plan, "codex"),
  [ServiceName.geminiWorker]: (plan) => worker(plan, "gemini"),
};

export function brokerInstance({ environment, instance, ports }: Pick<FleetPlan, "environment" | "instance" | "ports">): BrokerInstance {
  return {
    directory: instance.at("rabbitmq"),
    port: ports.broker,
    mapperPort: ports.portMapper,
    distributionPort: ports.brokerDistribution,
    node: `codex-fleet-${environment.name}`,
    definitionsFile: path.join(instance.secrets("rabbitmq"), BROKER_DEFINITIONS_FILE),
    consumerTimeout: stageDurations(parseDuration(environment.settings.stages.timeout)).consumerTimeout,
  };
}

/** File with the certificate authorities that all services trust, if the environment names its own. */
export function authoritiesFile(instance: LocalInstance): string {
  return instance.at("ca-bundle.pem");
}

function authorityFiles({ environment, instance }: FleetPlan): string[] {
  return environment.settings.network.ca_bundle === undefined ? [] : [authoritiesFile(instance)];
}

/** The directory of a worker's state files. */
export function stateDirectory(instance: LocalInstance, service: string): string {
  return instance.at("services", service, "state");
}

function portMapper(plan: FleetPlan): ServiceDefinition {
  const { ports, programs } = plan;
  return {
    ...bare(plan, PORT_MAPPER),
    argv: [programs.portMapper, ...portMapperArguments(ports.portMapper)],
    ready: { kind: "port", port: ports.portMapper },
    startLimit: START_LIMIT,
  };
}

function brokerService(plan: FleetPlan): ServiceDefinition {
  const broker = brokerInstance(plan);
  const common = bare(plan, ServiceName.broker);
  return {
    ...common,
    argv: [plan.programs.broker],
    environment: { ...common.environment, ...brokerEnvironment(broker) },
    files: [...Object.keys(brokerFiles(broker)).map((file) => path.join(broker.directory, file)), broker.definitionsFile],
    ready: { kind: "port", port: broker.port },
    startLimit: START_LIMIT,
  };
}

function databaseService(plan: FleetPlan): ServiceDefinition {
  const { instance, ports, environment } = plan;
  const { postgres } = plan.programs;
  const address = ["-h", "127.0.0.1", "-p", String(ports.database), "-U", environment.settings.database.user];
  return {
    ...bare(plan, ServiceName.database),
    argv: [path.join(postgres, "postgres"), ...serverArguments(instance.at("postgres"), ports.database)],
    ready: { kind: "command", argv: [path.join(postgres, "pg_isready"), "-q", ...address] },
    startLimit: START_LIMIT,
  };
}

function scriptedModel(plan: FleetPlan): ServiceDefinition {
  const port = plan.ports.scriptedModel;
  return scripted(plan, ServiceName.scriptedModel, "scripted-model.js", port, { FLEET_SCRIPTED_MODEL_LISTEN: `127.0.0.1:${port}` });
}

function scriptedGithub(plan: FleetPlan): ServiceDefinition {
  const port = plan.ports.scriptedGithub;
  return scripted(plan, ServiceName.scriptedGithub, "scripted-github.js", port, {
    FLEET_SCRIPTED_GITHUB_LISTEN: `127.0.0.1:${port}`,
    FLEET_SCRIPTED_GITHUB_DATA: plan.instance.at("github"),
    FLEET_SCRIPTED_GITHUB_PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
}

function scripted(plan: FleetPlan, name: string, program: string, port: number, own: Record<string, string>): ServiceDefinition {
  const common = bare(plan, name);
  return {
    ...common,
    argv: [process.execPath, path.join(plan.fleetPrograms, "runtime", program)],
    environment: { ...common.environment, PATH: `${plan.tools.bin}:${plan.programs.path}`, ...own },
    ready: { kind: "port", port },
    startLimit: START_LIMIT,
  };
}

function api(plan: FleetPlan): ServiceDefinition {
  const { instance, environment, ports, fleetPrograms } = plan;
  const { settings } = environment;
  const common = bare(plan, ServiceName.api);
  const secrets = secretVariables("api", instance.secrets("api"));
  return {
    ...common,
    argv: [process.execPath, path.join(fleetPrograms, "runtime", "api.js")],
    environment: {
      ...common.environment,
      ...plan.passed,
      ...localVariables({
        settings,
        reader: "api",
        ports,
        authorities: authoritiesFile(instance),
        own: {
          FLEET_ENVIRONMENT: environment.name,
          FLEET_IMAGE: "local",
          FLEET_API_LISTEN: settings.api.listen,
          SPEC_WORKFLOW_WORKSPACE_ROOT: instance.at("workspaces"),
        },
      }),
      ...secrets.variables,
    },
    files: [...secrets.files, ...authorityFiles(plan)],
    ready: { kind: "http", url: `${listenUrl(settings.api.listen)}/readyz` },
    startLimit: startPeriod(settings).toMilliseconds(),
  };
}

const WORKER = {
  codex: { service: ServiceName.codexWorker, secrets: "codex-worker" },
  gemini: { service: ServiceName.geminiWorker, secrets: "gemini-worker" },
} as const;

function worker(plan: FleetPlan, agent: Agent): ServiceDefinition {
  const { instance, environment, ports, fleetPrograms, programs, tools } = plan;
  const { settings } = environment;
  const { service, secrets: consumer } = WORKER[agent];
  const common = bare(plan, service);
  const secrets = secretVariables(agent, instance.secrets(consumer));
  const state = stateDirectory(instance, service);
  const assets = path.join(fleetPrograms, "worker");
  const codexHome = agent === "codex" ? instance.at("codex") : instance.at("services", service, "codex");
  return {
    ...common,
    argv: [process.execPath, path.join(fleetPrograms, "runtime", "worker.js")],
    environment: {
      ...common.environment,
      ...plan.passed,
      PATH: `${tools.bin}:${programs.path}`,
      PYTHONPATH: assets,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
      CODEX_HOME: codexHome,
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: tools.geminiSettings,
      ...localVariables({
        settings,
        reader: agent,
        ports,
        authorities: authoritiesFile(instance),
        own: {
          FLEET_ENVIRONMENT: environment.name,
          FLEET_ENGINE: "local",
          FLEET_WORKER: agent,
          FLEET_IMAGE: "local",
          FLEET_STATE_DIRECTORY: state,
          FLEET_TOOLING: tools.record,
          FLEET_PREFLIGHT: path.join(fleetPrograms, "runtime", "preflight.js"),
          FLEET_STAGE_RUNNER: path.join(fleetPrograms, "runtime", "stage.js"),
          CODEX_TEMPLATE_PATH: path.join(assets, "etc/codex/config.toml"),
          CODEX_VOLUME_PATH: codexHome,
          SPEC_WORKFLOW_SKILLS_ROOT: skillRoots(settings, path.join(assets, "skills")),
          SPEC_WORKFLOW_WORKSPACE_ROOT: instance.at("workspaces"),
        },
      }),
      ...secrets.variables,
    },
    files: [...secrets.files, ...authorityFiles(plan)],
    scratch: [...common.scratch, state],
    ready: { kind: "worker", stateDirectory: state },
    startLimit: startPeriod(settings).toMilliseconds(),
  };
}

/** A service has its own HOME and TMPDIR, so that the user's settings do not affect it. */
function bare({ instance, programs }: FleetPlan, name: string): Pick<ServiceDefinition, "name" | "environment" | "files" | "scratch"> {
  const home = instance.at("services", name, "home");
  const temporary = instance.at("services", name, "tmp");
  const own = { PATH: programs.path, HOME: home, TMPDIR: temporary, LANG: "C.UTF-8", USER: accountWords(instance.account) };
  return { name, environment: { ...own, ...programs.environment }, files: [], scratch: [home, temporary] };
}

/** How long broker and database may take to save their data when they stop, in milliseconds. */
const SERVER_LIMIT = 60_000;

/** The order in which services stop: each before the services it needs. */
const TIERS: readonly (readonly string[])[] = [
  [ServiceName.codexWorker, ServiceName.geminiWorker],
  [ServiceName.api, ServiceName.scriptedModel, ServiceName.scriptedGithub],
  [ServiceName.broker],
  [PORT_MAPPER, ServiceName.database],
];

/** Every service the local engine knows. */
export const LOCAL_SERVICES: readonly string[] = TIERS.flat();

/**
 * How a service is told to stop.
 *
 * @param stageTimeout `stages.timeout` of the environment: workers finish what they run.
 */
export function stopOrder(name: string, stageTimeout: string): StopOrder {
  const { grace } = stageDurations(parseDuration(stageTimeout));
  return {
    name,
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to disconnect.
    signal: name === ServiceName.database ? "SIGINT" : "SIGTERM",
    limit: TIERS[0]!.includes(name) ? grace : SERVER_LIMIT,
  };
}

/** Groups of services; each group is stopped after the one before it has ended. */
export function stopPlan(running: readonly string[], stageTimeout: string): StopOrder[][] {
  return TIERS.map((tier) => tier.filter((name) => running.includes(name)).map((name) => stopOrder(name, stageTimeout))).filter(
    (group) => group.length > 0,
  );
}
