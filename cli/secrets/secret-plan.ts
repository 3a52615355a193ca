import type { BrokerUser, SecretConsumer } from "../../runtime/contract";
import { BROKER_DEFINITIONS_FILE, secretVolumeName } from "../../runtime/contract";
import { OperatorError } from "../console/operator-error";
import type { OwnServices } from "./operator-secret";
import { keptHash } from "./password-verifiers";

/** Hashed passwords of the broker's users. */
export type BrokerHashes = Readonly<Record<BrokerUser, string>>;

/** The existing secrets, and how to create missing ones. */
export interface SecretSituation {
  readonly environment: string;
  /** Text of a file in a consumer's volume, undefined when it does not exist. */
  readonly existing: (consumer: SecretConsumer, name: string) => string | undefined;
  /** Whether the database's volume holds a database; its password was set when it was created. */
  readonly databaseInitialised: boolean;
  /** Whether broker and database are the fleet's own; the operator sets the secrets of imported ones. */
  readonly own: OwnServices;
  readonly makePassword: () => string;
  readonly brokerDefinitions: (hashes: BrokerHashes) => unknown;
}

/** One file to write, and why. */
export interface SecretWrite {
  readonly consumer: SecretConsumer;
  readonly name: string;
  readonly content: string;
  readonly reason: "made" | "completed" | "replaced";
}

/** Holders of the same secret; the value of the first one takes precedence. */
const SHARED = {
  database: [
    ["postgres", "postgres_password"],
    ["api", "postgres_password"],
    ["codex-worker", "postgres_password"],
    ["gemini-worker", "postgres_password"],
  ],
  brokerApi: [["api", "rabbitmq_password"]],
  brokerWorker: [
    ["codex-worker", "rabbitmq_password"],
    ["gemini-worker", "rabbitmq_password"],
  ],
  apiToken: [["api", "fleet_api_token"]],
} as const satisfies Readonly<Record<string, readonly (readonly [SecretConsumer, string])[]>>;
type Shared = keyof typeof SHARED;

/**
 * The files to write so that every consumer has the secrets the fleet generates; empty when nothing is missing. An
 * existing value is kept: holders without it, or with another one, get the value of the first holder that has one.
 *
 * @throws OperatorError when a database exists and no volume has its password any more.
 */
export function planSecrets(situation: SecretSituation): SecretWrite[] {
  const { own } = situation;
  if (own.database) refuseLostPassword(situation);
  const writes = [
    ...(own.database ? planShared(situation, "database") : []),
    ...(own.broker ? [...planShared(situation, "brokerApi"), ...planShared(situation, "brokerWorker")] : []),
    ...planShared(situation, "apiToken"),
  ];
  if (!own.broker) return writes;
  const valueOf = (consumer: SecretConsumer) =>
    writes.find((write) => write.consumer === consumer && write.name === "rabbitmq_password")?.content ??
    situation.existing(consumer, "rabbitmq_password")!;
  return [...writes, ...planDefinitions(situation, valueOf("api"), valueOf("codex-worker"))];
}

function refuseLostPassword({ environment, existing, databaseInitialised }: SecretSituation): void {
  const known = SHARED.database.some(([consumer, name]) => existing(consumer, name) !== undefined);
  if (!databaseInitialised || known) return;
  throw new OperatorError(
    `the volume ${environment}-postgres-data holds a database, but no volume holds its password any more: ` +
      `restore ${secretVolumeName(environment, "postgres")}, or delete the database with "docker volume rm ${environment}-postgres-data"`,
  );
}

function planShared(situation: SecretSituation, shared: Shared): SecretWrite[] {
  const holders = SHARED[shared];
  const truth = holders.map(([consumer, name]) => situation.existing(consumer, name)).find((value) => value !== undefined);
  const content = truth ?? situation.makePassword();
  return holders
    .map(([consumer, name]) => ({ consumer, name, content, present: situation.existing(consumer, name) }))
    .filter(({ present }) => present !== content)
    .map(({ present, ...write }) => ({
      ...write,
      reason: truth === undefined ? "made" : present === undefined ? "completed" : "replaced",
    }));
}

function planDefinitions(situation: SecretSituation, apiPassword: string, workerPassword: string): SecretWrite[] {
  const present = situation.existing("rabbitmq", BROKER_DEFINITIONS_FILE);
  const hashes = hashesIn(present);
  const content = JSON.stringify(
    situation.brokerDefinitions({ api: keptHash(hashes.api, apiPassword), worker: keptHash(hashes.worker, workerPassword) }),
    null,
    2,
  );
  if (present === content) return [];
  return [{ consumer: "rabbitmq", name: BROKER_DEFINITIONS_FILE, content, reason: present === undefined ? "made" : "replaced" }];
}

function hashesIn(definitions: string | undefined): Partial<BrokerHashes> {
  try {
    const { users } = JSON.parse(definitions ?? "{}") as { users?: { name: string; password_hash: string }[] };
    return Object.fromEntries((users ?? []).map((user) => [user.name, user.password_hash]));
  } catch {
    return {};
  }
}
