import { migrate } from "../../../runtime/store";
import type { BrokenWorker } from "./broken-worker";

/** Give up early: a service that is unreachable in these tests does not come back by itself. */
const SHORT = { FLEET_WAIT_TIMEOUT: "3s" };

/** Virtual hosts that differ from the fleet's definitions. */
export const FAULTY_VHOSTS = { "no-codex": "no codex queue", "no-gemini": "no gemini queue", classic: "classic codex queue" } as const;

/** Faults of broker and database. */
export const BROKEN_SERVICES: readonly BrokenWorker[] = [
  {
    broken: "the queue codex does not exist",
    vhost: "no-codex",
    queue: "speckit",
    shows: 78,
    red: { "queue.codex": /codex-fleet secrets init, then codex-fleet up; on a broker of your own, create it as a quorum queue/ },
    mend: (surroundings) => surroundings.broker.declareQueue("no-codex", "codex"),
  },
  {
    broken: "the queue gemini does not exist",
    agent: "gemini",
    settings: { gemini: { base_url: "http://127.0.0.1:9" } },
    vhost: "no-gemini",
    queue: "speckit",
    shows: 78,
    red: { "queue.gemini": /codex-fleet secrets init, then codex-fleet up; on a broker of your own, create it as a quorum queue/ },
    mend: (surroundings) => surroundings.broker.declareQueue("no-gemini", "gemini"),
  },
  {
    broken: "the queue codex is a classic queue",
    vhost: "classic",
    losesDeadLetters: true,
    shows: "warns",
    red: { "queue.codex": /create a quorum queue with another name and set that name/ },
  },
  {
    broken: "the broker is unreachable",
    network: (surroundings) => surroundings.networkWith("postgres", "without-broker"),
    variables: SHORT,
    shows: 69,
    red: { "queue.speckit": /start it, or correct CELERY_BROKER_URL/, "queue.codex": /start it, or correct CELERY_BROKER_URL/ },
    mend: (surroundings) => surroundings.join(surroundings.name("without-broker"), "rabbitmq"),
  },
  {
    broken: "the broker is unreachable for the Gemini worker",
    agent: "gemini",
    settings: { gemini: { base_url: "http://127.0.0.1:9" } },
    network: (surroundings) => surroundings.networkWith("postgres", "gemini-without-broker"),
    variables: SHORT,
    shows: 69,
    red: { "queue.gemini": /start it, or correct CELERY_BROKER_URL/ },
    mend: (surroundings) => surroundings.join(surroundings.name("gemini-without-broker"), "rabbitmq"),
  },
  {
    broken: "the broker refuses the password",
    spoil: "printf wrong > secrets/rabbitmq_password",
    shows: 78,
    red: { "queue.speckit": /set RABBITMQ_USER and RABBITMQ_PASSWORD/, "queue.codex": /set RABBITMQ_USER and RABBITMQ_PASSWORD/ },
    mend: "printf planted-worker > secrets/rabbitmq_password",
  },
  {
    broken: "the database is unreachable",
    network: (surroundings) => surroundings.networkWith("rabbitmq", "without-database"),
    variables: SHORT,
    shows: 69,
    red: { "database.schema": /start the database and the API/ },
    mend: (surroundings) => surroundings.join(surroundings.name("without-database"), "postgres"),
  },
  {
    broken: "the database has an older schema",
    variables: { ...SHORT, POSTGRES_DB: "old" },
    shows: 69,
    red: { "database.schema": /start the database and the API, which migrates the schema/ },
    mend: async (surroundings) => void (await surroundings.withDatabase("old", migrate)),
  },
  {
    broken: "the database refuses the password",
    spoil: "printf wrong > secrets/postgres_password",
    shows: 78,
    red: { "database.schema": /POSTGRES_PASSWORD to the password in the secrets volume/ },
    mend: "printf planted-database > secrets/postgres_password",
  },
  {
    broken: "the database's clock is an hour ahead",
    variables: { POSTGRES_DB: "ahead" },
    shows: "warns",
    red: { "clock.skew": /set the clocks of both hosts by NTP/ },
  },
];
