import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { initialiseArguments, serverArguments } from "../../cli/local/database";
import { findPostgres, SYSTEM_PLACES } from "../../cli/local/machine";
import { freePort } from "./free-port";
import { own, removeDirectory, runToEnd, serviceDirectory, startService, untilListening } from "./service-process";
import type { ServiceProcess } from "./service-process";

/** A separate PostgreSQL server with an empty database. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string;
  /** The POSTGRES_* variables of the contract. */
  readonly environment: Readonly<Record<string, string>>;
  log(): string;
  /** Ends the server and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Ends the server, keeps the data; `resume` starts it again. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on a free port of the loopback interface. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = postgresPrograms();
  const directory = serviceDirectory("postgres");
  const password = "fleet-test-database";
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  own(passwordFile);
  const data = join(directory, "data");
  await runToEnd(join(programs, "initdb"), [...initialiseArguments(data, "fleet", passwordFile), "--no-sync"], directory);
  const port = await freePort();
  const server = { host: "127.0.0.1", port, user: "fleet", database: "fleet", password };
  let service: ServiceProcess;
  const start = async () => {
    const settings = { unix_socket_directories: directory, fsync: "off", max_connections: "60" };
    service = startService(join(programs, "postgres"), serverArguments(data, port, settings), directory, {});
    await untilListening(service, port);
    await untilReady(server);
  };
  // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to disconnect.
  const end = () => service.stop("SIGINT");
  await start();
  await query({ ...server, database: "postgres" }, "CREATE DATABASE fleet");
  return {
    ...server,
    environment: {
      POSTGRES_HOST: server.host,
      POSTGRES_PORT: String(port),
      POSTGRES_USER: server.user,
      POSTGRES_DB: server.database,
      POSTGRES_PASSWORD: password,
    },
    log: () => service.log(),
    async restart() {
      await end();
      await start();
    },
    pause: end,
    resume: start,
    async stop() {
      await end();
      removeDirectory(directory);
    },
  };
}

function postgresPrograms(): string {
  const found = findPostgres(SYSTEM_PLACES.postgres);
  if (found === undefined) throw new Error("no PostgreSQL server of Debian's packages: apt-get install postgresql");
  return found.directory;
}

type Connection = Pick<PostgresServer, "host" | "port" | "user" | "database" | "password">;

async function query(connection: Connection, text: string): Promise<void> {
  const client = new Client({ ...connection });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Waits until PostgreSQL accepts logins, which is a moment after it listens. */
async function untilReady(connection: Connection): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await query({ ...connection, database: "postgres" }, "SELECT 1");
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
