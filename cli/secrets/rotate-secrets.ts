import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ServiceName } from "../../constructs/resource-names";
import { TomlSource } from "../../constructs/toml-source";
import { COMMAND_NAME } from "../console/command-name";
import { docker } from "../docker/docker";
import { listContainers } from "../docker/fleet-containers";
import { writeSecretFiles } from "../docker/secret-volumes";
import type { FleetEnvironment } from "../project/fleet-environment";
import { OperatorError } from "../console/operator-error";
import { ownServices, secretSituation } from "./initialise-secrets";
import { planRotation, rotatedNames } from "./rotation-plan";
import { scramVerifier } from "./password-verifiers";
import { withRevision } from "./secret-revision";
import type { SecretWrite } from "./secret-plan";

/** Result of a rotation. */
export interface Rotation {
  readonly writes: readonly SecretWrite[];
  readonly revision: number;
  /** The file whose revision was raised. */
  readonly file: string;
}

/**
 * Gives the fleet's own secrets new values. The database changes its password at once: existing connections stay, new
 * ones use the new file. The broker gets its passwords with the deployment, which replaces it and all readers.
 *
 * After an interruption it can be repeated: inside the database's container the administrator needs no password.
 *
 * @throws OperatorError before any change, when the database does not run or the revision cannot be raised.
 */
export async function rotateSecrets(environment: FleetEnvironment, asked: readonly string[]): Promise<Rotation> {
  const names = rotatedNames(asked, ownServices(environment), environment.name);
  const situation = await secretSituation(environment);
  const writes = planRotation(situation, names);
  const raised = raisedRevision(environment);
  if (names.includes("postgres_password") && situation.databaseInitialised) {
    await changeDatabasePassword(environment, writes.find(({ consumer }) => consumer === "postgres")!.content);
  }
  await writeSecretFiles(environment.name, writes);
  replaceFile(raised.file, raised.text);
  return { writes, revision: raised.revision, file: raised.file };
}

async function changeDatabasePassword({ name, settings }: FleetEnvironment, password: string): Promise<void> {
  const { user, name: database } = settings.database;
  const container = (await listContainers(name)).find(({ service, state }) => service === ServiceName.database && state === "running");
  if (container === undefined) {
    throw new OperatorError(
      `the database of ${name} is not running, so it cannot take a new password; nothing was changed: ${COMMAND_NAME} up ${name}`,
      1,
    );
  }
  const client = ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--username", user, "--dbname", database];
  const statement = `ALTER ROLE "${user.replaceAll('"', '""')}" PASSWORD '${scramVerifier(password, randomBytes(16))}';\n`;
  await docker(["exec", "--interactive", container.id, ...client], Buffer.from(statement));
}

/** Raises the revision in the file that sets it: the local file overrides the shared one. */
function raisedRevision({ file: shared, settings }: FleetEnvironment): { file: string; text: string; revision: number } {
  const revision = settings.secrets.revision + 1;
  const local = shared.replace(/\.toml$/, ".local.toml");
  const file = existsSync(local) && TomlSource.fromFile(local).has(["secrets", "revision"]) ? local : shared;
  const text = readFileSync(file, "utf8");
  const raised = withRevision(text, revision);
  if (raised === undefined) {
    throw new OperatorError(
      `${path.basename(file)} cannot be edited: write revision = ${revision} in a table [secrets] of it; nothing was changed`,
    );
  }
  return { file, text: raised, revision };
}

function replaceFile(file: string, text: string): void {
  const next = `${file}.next`;
  writeFileSync(next, text, { mode: statSync(file).mode });
  renameSync(next, file);
}
