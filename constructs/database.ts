import { Construct } from "constructs";
import { ImageLayout, SECRET_OWNERS } from "../runtime/contract";
import { RegistryImage } from "./container-image";
import { Duration } from "./duration";
import type { OwnVariables } from "./environment-variables";
import { HealthCheck } from "./health-check";
import { ServiceName } from "./resource-names";
import type { ResourceNames } from "./resource-names";
import { secretsMount } from "./secret";
import { Service } from "./service";

/** A PostgreSQL database for API and workers. */
export interface IDatabase {
  /** Variables for a container that connects; never a password. */
  readonly variables: OwnVariables;
}

export interface DatabaseProps {
  readonly names: ResourceNames;
  /** Image with the layout of the official one of PostgreSQL 17 or earlier. */
  readonly image: string;
  readonly user: string;
  readonly databaseName: string;
  /** Limit in MiB. */
  readonly memory: number;
  readonly cpus: number;
  readonly secretRevision: number;
}

/** The fleet's own PostgreSQL. It takes its password from its secrets volume when it initializes an empty data volume. */
export class Database extends Construct implements IDatabase {
  /** An existing database. */
  static fromHost(host: string, options: { readonly port: number; readonly user: string; readonly databaseName: string }): IDatabase {
    return { variables: databaseVariables(host, options.port, options.user, options.databaseName) };
  }

  readonly service: Service;
  readonly variables: OwnVariables;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    this.variables = databaseVariables(ServiceName.database, PORT, props.user, props.databaseName);
    this.service = new Service(this, "Service", {
      environment: props.names.environment,
      service: ServiceName.database,
      image: new RegistryImage(this, "Image", props.image),
      uid: SECRET_OWNERS.postgres.uid,
      variables: {
        POSTGRES_USER: props.user,
        POSTGRES_DB: props.databaseName,
        POSTGRES_PASSWORD_FILE: `${ImageLayout.secrets}/postgres_password`,
        POSTGRES_INITDB_ARGS: INITDB_ARGUMENTS,
      },
      // Needed for data initialized by another image: not every image writes this into the data's configuration.
      command: ["postgres", "-c", "listen_addresses=*"],
      networks: [props.names.networks.backplane],
      mounts: [{ volume: props.names.volumes.postgres, path: "/var/lib/postgresql/data" }, secretsMount(props.names, "postgres")],
      tmpfs: [
        { path: "/var/run/postgresql", size: 16 },
        { path: "/tmp", size: 64 },
      ],
      // Without -h the probe would succeed for the temporary server that initializes the volume.
      healthCheck: HealthCheck.command(["pg_isready", "-q", "-h", "127.0.0.1", "-U", props.user], { startPeriod: Duration.minutes(2) }),
      memory: props.memory,
      cpus: props.cpus,
      stopGracePeriod: Duration.minutes(1),
      secretRevision: props.secretRevision,
    });
  }
}

const PORT = 5_432;

/**
 * Requires a password on every address (initdb's default trusts 127.0.0.1), and uses a locale every image has, so that a
 * volume works with another image.
 */
const INITDB_ARGUMENTS = "--encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256";

function databaseVariables(host: string, port: number, user: string, name: string): OwnVariables {
  return { POSTGRES_HOST: host, POSTGRES_PORT: String(port), POSTGRES_USER: user, POSTGRES_DB: name };
}
