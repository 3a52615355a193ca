import { containerOf, ownParts, synthesizedFleet } from "../../support/synthesized";

test("the API sees workspaces and is published on the loopback interface", () => {
  expect(ownParts(containerOf(synthesizedFleet().fleet, "api"))).toMatchInlineSnapshot(`
   {
     "command": "node /opt/fleet/runtime/api.js",
     "cpus": "0.5",
     "env": [
       "CELERY_BROKER_URL=amqp://rabbitmq:5672//",
       "CODEX_VOLUME_NAME=codex_auth_volume",
       "FLEET_API_LISTEN=0.0.0.0:8080",
       "FLEET_ENVIRONMENT=test",
       "POSTGRES_DB=fleet",
       "POSTGRES_HOST=postgres",
       "POSTGRES_PORT=5432",
       "POSTGRES_USER=fleet",
       "RABBITMQ_USER=api",
       "SPEC_WORKFLOW_ALLOWED_SKILLS=speckit",
       "SPEC_WORKFLOW_DEFAULT_SKILL=speckit",
     ],
     "health": "bash -c exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ "$status" = 200 ], from 2m30s, waited for 207 s",
     "memory": 512,
     "mounts": [
       "test-speckit_workspaces at /workspaces, read-only",
       "test-secrets-api at /run/secrets, read-only",
     ],
     "ports": [
       "127.0.0.1:8080 -> 8080",
     ],
     "stop_timeout": 15,
     "tmpfs": {
       "/tmp": "rw,nosuid,nodev,noexec,size=64m,uid=1000,gid=1000,mode=0700",
     },
   }
  `);
});
