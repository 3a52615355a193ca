import type { Construct } from "constructs";
import { parseDuration, stageDurations } from "../runtime/contract";
import { Api } from "./api";
import { AuthVolume } from "./auth-volume";
import { Broker } from "./broker";
import type { IBroker } from "./broker";
import type { BuildContext } from "./build-context";
import { Database } from "./database";
import type { IDatabase } from "./database";
import { DataStack } from "./data-stack";
import { DemoServices } from "./demo-services";
import { DockerStack } from "./docker-stack";
import { Duration } from "./duration";
import { _collisionProblems, Environment } from "./environment";
import { EnvironmentError } from "./environment-problem";
import type { EnvironmentInput, EnvironmentSettings } from "./environment-schema";
import { parseMemory } from "./memory";
import { ResourceNames } from "./resource-names";
import { TerraformOutput } from "./tf";
import { Worker } from "./worker";
import { WorkerImage } from "./worker-image";

export interface FleetStackOptions {
  /** Build context of the images. @default - the package's own Dockerfile, tool manifests and bundled programs */
  readonly imageContext?: BuildContext;
}

/**
 * A whole fleet on one engine: broker, database, API and workers. It creates a second stack, `<id>-data`, with the volumes
 * and networks.
 *
 * ```ts
 * new FleetStack(app, "dev", Environment.fromFile("environments/dev.toml"));
 * new FleetStack(app, "lab", { embedding: { provider: "none" }, api: { listen: "127.0.0.1:9090" } });
 * ```
 */
export class FleetStack extends DockerStack {
  readonly environmentName: string;
  readonly settings: EnvironmentSettings;
  readonly names: ResourceNames;
  /** Volumes and networks; deployed first, destroyed last. */
  readonly data: DataStack;
  readonly workerImage: WorkerImage;
  readonly broker: IBroker;
  readonly database: IDatabase;
  readonly api: Api;
  readonly codexWorker: Worker;
  readonly geminiWorker: Worker;

  /**
   * @param id Name of the environment: first part of every Docker name.
   * @throws EnvironmentError with every problem of settings given in code, or when another fleet of the app owns the same
   * volume or port on the same engine.
   */
  constructor(scope: Construct, id: string, environment: Environment | EnvironmentInput, options: FleetStackOptions = {}) {
    const checked = environment instanceof Environment ? environment : Environment.fromSettings(environment);
    const { settings } = checked;
    const names = new ResourceNames(id);
    refuseCollisions(scope, id, checked);
    const data = new DataStack(scope, id, checked);
    super(scope, id, settings);
    this.addDependency(data);
    this.environmentName = id;
    this.settings = settings;
    this.names = names;
    this.data = data;

    this.workerImage = new WorkerImage(this, "WorkerImage", {
      baseImage: settings.images.base,
      build: settings.build,
      prebuilt: { worker: settings.images.worker, runtime: settings.images.runtime },
      ...(options.imageContext === undefined ? {} : { context: options.imageContext }),
    });
    this.broker = this.makeBroker();
    this.database = this.makeDatabase();
    this.api = new Api(this, "Api", {
      names,
      settings,
      image: this.workerImage.target("runtime"),
      broker: this.broker,
      database: this.database,
    });
    this.codexWorker = this.makeWorker("CodexWorker", "codex");
    this.geminiWorker = this.makeWorker("GeminiWorker", "gemini");
    if (settings.demo.scripted_services) {
      new DemoServices(this, "Demo", { names, image: this.workerImage.target("demo"), githubListen: settings.demo.github_listen });
    }
    new TerraformOutput(this, "api_url", { value: this.api.url, description: "Address of the API on the engine's host" });
  }

  private makeBroker(): IBroker {
    const { broker, build, images, secrets, stages } = this.settings;
    if (broker.url !== undefined) return Broker.fromUrl(broker.url, broker.user);
    return new Broker(this, "Broker", {
      names: this.names,
      baseImage: images.rabbitmq,
      build,
      prebuilt: images.broker,
      consumerTimeout: Duration.milliseconds(stageDurations(parseDuration(stages.timeout)).consumerTimeout),
      memory: parseMemory(broker.memory),
      cpus: broker.cpus,
      secretRevision: secrets.revision,
    });
  }

  private makeDatabase(): IDatabase {
    const { database, images, secrets } = this.settings;
    const { port, user, name: databaseName } = database;
    if (database.host !== undefined) return Database.fromHost(database.host, { port, user, databaseName });
    return new Database(this, "Database", {
      names: this.names,
      image: images.postgres,
      user,
      databaseName,
      memory: parseMemory(database.memory),
      cpus: database.cpus,
      secretRevision: secrets.revision,
    });
  }

  private makeWorker(id: string, agent: "codex" | "gemini"): Worker {
    const worker = new Worker(this, id, {
      names: this.names,
      settings: this.settings,
      agent,
      image: this.workerImage.target("worker"),
      ...(agent === "codex" ? { authVolume: AuthVolume.fromName(this.settings.codex.volume_name) } : {}),
    });
    worker.consumeFrom(this.broker);
    worker.recordIn(this.database);
    return worker;
  }
}

function refuseCollisions(scope: Construct, name: string, environment: Environment): void {
  const fleets = scope.node.root.node.findAll().filter((each): each is FleetStack => each instanceof FleetStack);
  const others = fleets.map(({ environmentName, settings }) => ({ name: environmentName, settings }));
  const problems = _collisionProblems(others, name, environment);
  if (problems.length > 0) throw new EnvironmentError(problems);
}
