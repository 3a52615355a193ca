export * from "./broker-connection";
export * from "./celery-message";
export { startDeadLetterReader, toDeadLetter } from "./dead-letter-reader";
export * from "./inspect-queues";
export * from "./publish-outbox";
export * from "./publisher";
