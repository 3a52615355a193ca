import { brokerFiles } from "../../../../cli/local/broker";
import { initialiseArguments, serverArguments } from "../../../../cli/local/database";

test("the broker listens on the loopback interface alone and reads a file of definitions", () => {
  const broker = { directory: "/i/rabbitmq", port: 2, mapperPort: 1, distributionPort: 3, node: "n", definitionsFile: "/i/d.json" };
  expect(brokerFiles({ ...broker, consumerTimeout: 60_000 })).toEqual({
    "rabbitmq.conf": [
      "listeners.tcp.1 = 127.0.0.1:2",
      "definitions.import_backend = local_filesystem",
      "definitions.local.path = /i/d.json",
      "log.console.level = warning",
      "disk_free_limit.absolute = 50MB",
      "consumer_timeout = 60000",
      "",
    ].join("\n"),
    enabled_plugins: "[].\n",
    inetrc: '{host, {127,0,0,1}, ["localhost"]}.\n{lookup, [file, native]}.\n',
  });
});

test("the database asks for a password and listens on the loopback interface alone", () => {
  expect(initialiseArguments("/i/data", "fleet", "/i/password").join(" ")).toBe(
    "-D /i/data -U fleet -A scram-sha-256 --pwfile=/i/password -E UTF8 --locale=C --no-instructions",
  );
  expect(serverArguments("/i/data", 4)).toEqual([
    ...["-D", "/i/data"],
    ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "port=4"],
  ]);
});
