import { containerOf, ownParts, synthesizedFleet } from "../../support/synthesized";

test("the broker keeps its name, its data and its definitions", () => {
  expect(ownParts(containerOf(synthesizedFleet().fleet, "rabbitmq"))).toMatchInlineSnapshot(`
   {
     "command": "rabbitmq-server",
     "cpus": "1.0",
     "env": [],
     "health": "bash -c exec 3<>/dev/tcp/127.0.0.1/5672, from 2m0s, waited for 177 s",
     "hostname": "rabbitmq",
     "memory": 1024,
     "mounts": [
       "test-rabbitmq-data at /var/lib/rabbitmq",
       "test-secrets-rabbitmq at /run/secrets, read-only",
     ],
     "ports": [],
     "stop_timeout": 60,
     "tmpfs": {
       "/tmp": "rw,nosuid,nodev,noexec,size=64m,uid=999,gid=999,mode=0700",
     },
   }
  `);
});
