import { brokerAddress } from "../../../runtime/queue";

test.each([
  ["amqp://rabbitmq:5672//", { protocol: "amqp", hostname: "rabbitmq", port: 5672, vhost: "/" }],
  ["amqp://rabbitmq", { protocol: "amqp", hostname: "rabbitmq", port: 5672, vhost: "/" }],
  ["amqp://rabbitmq/", { protocol: "amqp", hostname: "rabbitmq", port: 5672, vhost: "/" }],
  ["amqp://rabbitmq/fleet", { protocol: "amqp", hostname: "rabbitmq", port: 5672, vhost: "fleet" }],
  ["amqps://broker.example/%2Ffleet", { protocol: "amqps", hostname: "broker.example", port: 5671, vhost: "/fleet" }],
  ["amqp://[::1]:5673//", { protocol: "amqp", hostname: "::1", port: 5673, vhost: "/" }],
])("%s", (url, parts) => {
  const password = "p@ss/wörd";
  expect(brokerAddress({ CELERY_BROKER_URL: url, RABBITMQ_USER: "worker", RABBITMQ_PASSWORD: password })).toEqual({
    ...parts,
    username: "worker",
    password,
    heartbeat: 20,
  });
});
