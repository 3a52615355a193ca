import { containerOf, ownParts, synthesizedFleet } from "../../support/synthesized";

test("the database reads its password from a file and answers on TCP", () => {
  expect(ownParts(containerOf(synthesizedFleet().fleet, "postgres"))).toMatchInlineSnapshot(`
   {
     "command": "postgres -c listen_addresses=*",
     "cpus": "1.0",
     "env": [
       "POSTGRES_DB=fleet",
       "POSTGRES_INITDB_ARGS=--encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256",
       "POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password",
       "POSTGRES_USER=fleet",
     ],
     "health": "pg_isready -q -h 127.0.0.1 -U fleet, from 2m0s, waited for 177 s",
     "memory": 1024,
     "mounts": [
       "test-postgres-data at /var/lib/postgresql/data",
       "test-secrets-postgres at /run/secrets, read-only",
     ],
     "ports": [],
     "stop_timeout": 60,
     "tmpfs": {
       "/tmp": "rw,nosuid,nodev,noexec,size=64m,uid=999,gid=999,mode=0700",
       "/var/run/postgresql": "rw,nosuid,nodev,noexec,size=16m,uid=999,gid=999,mode=0700",
     },
   }
  `);
});
