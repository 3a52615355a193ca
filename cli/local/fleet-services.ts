import path from "node:path";
import { startPeriod } from "../../constructs/environment-variables";
import { listenUrl } from "../../constructs/listen-address";
import { ServiceName } from "../../constructs/resource-names";
import { BROKER_DEFINITIONS_FILE, parseDuration, stageDurations } from "../../runtime/contract";
import type { Agent } from "../../runtime/contract";
import type { FleetEnvironment } from "../project/fleet-environment";
import { accountWords } from "./account";
import { BROKER_PROGRAM, brokerEnvironment, brokerFiles, portMapperArguments } from "./broker-instance";
import type { BrokerInstance } from "./broker-instance";
import { serverArguments } from "./database-instance";
import type { PostgresPrograms } from "./database-instance";
import type { LocalInstance } from "./instance";
import type { Tools } from "./install-tools";
import { LOCAL_PATH } from "./local-machine";
import type { PortName, Ports } from "./remembered-ports";
import type { ServiceDefinition } from "./service-definition";
import { localVariables, secretVariables, skillRoots } from "./service-variables";

/** The Erlang port mapper, which only the broker uses. */
export const PORT_MAPPER = "epmd";

/** The service that listens on a remembered port. */
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
  /** Directory with `runtime` and `worker`. */
  readonly programs: string;
  readonly tools: Tools;
  readonly postgres: PostgresPrograms;
  /** What every process with a way out gets. */
  readonly passed: Readonly<Record<string, string>>;
}

/** Longest start of broker and database on a slow machine, in milliseconds. */
const START_LIMIT = 120_000;

/** Every process of an environment, in the order in which they are started. One worker of a kind is all a machine needs here. */
export function fleetServices(plan: FleetPlan): ServiceDefinition[] {
  const { broker, database, demo, workers } = plan.environment.settings;
  return [
    ...(broker.url === undefined ? [portMapper(plan), brokerService(plan)] : []),
    ...(database.host === undefined ? [databaseService(plan)] : []),
    ...(demo.scripted_services ? [scriptedModel(plan), scriptedGithub(plan)] : []),
    api(plan),
    ...(workers.codex.replicas > 0 ? [worker(plan, "codex")] : []),
    ...(workers.gemini.replicas > 0 ? [worker(plan, "gemini")] : []),
  ];
}

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

/** Where a worker shows what it does. */
export function stateDirectory(instance: LocalInstance, service: string): string {
  return instance.at("services", service, "state");
}

function portMapper({ instance, ports }: FleetPlan): ServiceDefinition {
  return {
    ...bare(instance, PORT_MAPPER),
    argv: ["epmd", ...portMapperArguments(ports.portMapper)],
    ready: { kind: "port", port: ports.portMapper },
    startLimit: START_LIMIT,
  };
}

function brokerService(plan: FleetPlan): ServiceDefinition {
  const broker = brokerInstance(plan);
  const common = bare(plan.instance, ServiceName.broker);
  return {
    ...common,
    argv: [BROKER_PROGRAM],
    environment: { ...common.environment, ...brokerEnvironment(broker) },
    files: [...Object.keys(brokerFiles(broker)).map((file) => path.join(broker.directory, file)), broker.definitionsFile],
    ready: { kind: "port", port: broker.port },
    startLimit: START_LIMIT,
  };
}

function databaseService({ instance, ports, postgres, environment }: FleetPlan): ServiceDefinition {
  const address = ["-h", "127.0.0.1", "-p", String(ports.database), "-U", environment.settings.database.user];
  return {
    ...bare(instance, ServiceName.database),
    argv: [path.join(postgres.directory, "postgres"), ...serverArguments(instance.at("postgres"), ports.database)],
    ready: { kind: "command", argv: [path.join(postgres.directory, "pg_isready"), "-q", ...address] },
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
  const common = bare(plan.instance, name);
  return {
    ...common,
    argv: [process.execPath, path.join(plan.programs, "runtime", program)],
    environment: { ...common.environment, PATH: `${plan.tools.bin}:${LOCAL_PATH}`, ...own },
    ready: { kind: "port", port },
    startLimit: START_LIMIT,
  };
}

function api(plan: FleetPlan): ServiceDefinition {
  const { instance, environment, ports, programs } = plan;
  const { settings } = environment;
  const common = bare(instance, ServiceName.api);
  const secrets = secretVariables("api", instance.secrets("api"));
  return {
    ...common,
    argv: [process.execPath, path.join(programs, "runtime", "api.js")],
    environment: {
      ...common.environment,
      ...plan.passed,
      ...localVariables({
        settings,
        reader: "api",
        ports,
        own: {
          FLEET_ENVIRONMENT: environment.name,
          FLEET_IMAGE: "local",
          FLEET_API_LISTEN: settings.api.listen,
          SPEC_WORKFLOW_WORKSPACE_ROOT: instance.at("workspaces"),
        },
      }),
      ...secrets.variables,
    },
    files: secrets.files,
    ready: { kind: "http", url: `${listenUrl(settings.api.listen)}/readyz` },
    startLimit: startPeriod(settings).toMilliseconds(),
  };
}

const WORKER = {
  codex: { service: ServiceName.codexWorker, secrets: "codex-worker" },
  gemini: { service: ServiceName.geminiWorker, secrets: "gemini-worker" },
} as const;

function worker(plan: FleetPlan, agent: Agent): ServiceDefinition {
  const { instance, environment, ports, programs, tools } = plan;
  const { settings } = environment;
  const { service, secrets: consumer } = WORKER[agent];
  const common = bare(instance, service);
  const secrets = secretVariables(agent, instance.secrets(consumer));
  const state = stateDirectory(instance, service);
  const assets = path.join(programs, "worker");
  const codexHome = agent === "codex" ? instance.at("codex") : instance.at("services", service, "codex");
  return {
    ...common,
    argv: [process.execPath, path.join(programs, "runtime", "worker.js")],
    environment: {
      ...common.environment,
      ...plan.passed,
      PATH: `${tools.bin}:${LOCAL_PATH}`,
      PYTHONPATH: assets,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
      CODEX_HOME: codexHome,
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: tools.geminiSettings,
      ...localVariables({
        settings,
        reader: agent,
        ports,
        own: {
          FLEET_ENVIRONMENT: environment.name,
          FLEET_ENGINE: "local",
          FLEET_WORKER: agent,
          FLEET_IMAGE: "local",
          FLEET_STATE_DIRECTORY: state,
          FLEET_TOOLING: tools.record,
          FLEET_PREFLIGHT: path.join(programs, "runtime", "preflight.js"),
          FLEET_STAGE_RUNNER: path.join(programs, "runtime", "stage.js"),
          CODEX_TEMPLATE_PATH: path.join(assets, "etc/codex/config.toml"),
          CODEX_VOLUME_PATH: codexHome,
          SPEC_WORKFLOW_SKILLS_ROOT: skillRoots(settings, path.join(assets, "skills")),
          SPEC_WORKFLOW_WORKSPACE_ROOT: instance.at("workspaces"),
        },
      }),
      ...secrets.variables,
    },
    files: secrets.files,
    scratch: [...common.scratch, state],
    ready: { kind: "worker", stateDirectory: state },
    startLimit: startPeriod(settings).toMilliseconds(),
  };
}

/** A home and temporary files of its own: nothing of the user's settings reaches a service. */
function bare(instance: LocalInstance, name: string): Pick<ServiceDefinition, "name" | "environment" | "files" | "scratch"> {
  const home = instance.at("services", name, "home");
  const temporary = instance.at("services", name, "tmp");
  const environment = { PATH: LOCAL_PATH, HOME: home, TMPDIR: temporary, LANG: "C.UTF-8", USER: accountWords(instance.account) };
  return { name, environment, files: [], scratch: [home, temporary] };
}
