import { containerOf, ownParts, synthesizedFleet } from "../../support/synthesized";

test("a codex worker has login, workspaces and its own secrets", () => {
  expect(ownParts(containerOf(synthesizedFleet().fleet, "celery_codex_worker"))).toMatchInlineSnapshot(`
   {
     "command": "node /opt/fleet/runtime/worker.js",
     "cpus": "1.0",
     "env": [
       "CELERY_BROKER_URL=amqp://rabbitmq:5672//",
       "CODEX_AUTH=chatgpt",
       "CODEX_HOME=/home/app/.codex",
       "CODEX_VOLUME_NAME=codex_auth_volume",
       "CODEX_VOLUME_PATH=/home/app/.codex",
       "DEFAULT_EMBEDDING_PROVIDER=google",
       "FLEET_ENGINE=docker",
       "FLEET_ENVIRONMENT=test",
       "FLEET_IMAGE=codex-fleet/worker:TAG",
       "FLEET_WORKER=codex",
       "POSTGRES_DB=fleet",
       "POSTGRES_HOST=postgres",
       "POSTGRES_PORT=5432",
       "POSTGRES_USER=fleet",
       "RABBITMQ_USER=worker",
       "SPEC_WORKFLOW_ALLOWED_SKILLS=speckit",
       "SPEC_WORKFLOW_DEFAULT_SKILL=speckit",
       "SPEC_WORKFLOW_GITHUB_API_URL=https://api.github.com",
       "SPEC_WORKFLOW_GITHUB_GIT_URL=https://github.com",
       "SPEC_WORKFLOW_SKILLS_CANARY_PERCENT=100",
       "SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED=true",
       "SPEC_WORKFLOW_SKILLS_SHADOW_MODE=false",
       "SPEC_WORKFLOW_STAGE_TIMEOUT=30m",
       "SPEC_WORKFLOW_USE_SKILLS=true",
     ],
     "health": "sh -c test $(($(date +%s) - $(stat -c %Y /run/fleet/heartbeat))) -le 10, from 2m30s, waited for 207 s",
     "memory": 2048,
     "mounts": [
       "test-speckit_workspaces at /workspaces",
       "codex_auth_volume at /home/app/.codex",
       "test-secrets-codex-worker at /run/secrets, read-only",
     ],
     "ports": [],
     "stop_timeout": 2160,
     "tmpfs": {
       "/home/app": "rw,nosuid,nodev,exec,size=512m,uid=1000,gid=1000,mode=0700",
       "/run/fleet": "rw,nosuid,nodev,noexec,size=16m,uid=1000,gid=1000,mode=0700",
       "/tmp": "rw,nosuid,nodev,exec,size=512m,uid=1000,gid=1000,mode=0700",
     },
   }
  `);
});

test("Codex looks for its login where the volume is mounted", () => {
  const codex = { volume_path: "/home/app/login", volume_imported: true };
  const { env, mounts } = ownParts(containerOf(synthesizedFleet({ codex }).fleet, "celery_codex_worker"));
  expect((env as string[]).filter((each) => each.startsWith("CODEX_HOME=") || each.startsWith("CODEX_VOLUME_PATH="))).toEqual([
    "CODEX_HOME=/home/app/login",
    "CODEX_VOLUME_PATH=/home/app/login",
  ]);
  expect(mounts).toContain("codex_auth_volume at /home/app/login");
});

test("a gemini worker differs in its variables, its secrets and the login it does not have", () => {
  expect(ownParts(containerOf(synthesizedFleet().fleet, "celery_gemini_worker"))).toMatchInlineSnapshot(`
   {
     "command": "node /opt/fleet/runtime/worker.js",
     "cpus": "1.0",
     "env": [
       "CELERY_BROKER_URL=amqp://rabbitmq:5672//",
       "DEFAULT_EMBEDDING_PROVIDER=google",
       "FLEET_ENGINE=docker",
       "FLEET_ENVIRONMENT=test",
       "FLEET_IMAGE=codex-fleet/worker:TAG",
       "FLEET_WORKER=gemini",
       "POSTGRES_DB=fleet",
       "POSTGRES_HOST=postgres",
       "POSTGRES_PORT=5432",
       "POSTGRES_USER=fleet",
       "RABBITMQ_USER=worker",
       "SPEC_WORKFLOW_ALLOWED_SKILLS=speckit",
       "SPEC_WORKFLOW_DEFAULT_SKILL=speckit",
       "SPEC_WORKFLOW_SKILLS_CANARY_PERCENT=100",
       "SPEC_WORKFLOW_SKILLS_FALLBACK_ENABLED=true",
       "SPEC_WORKFLOW_SKILLS_SHADOW_MODE=false",
       "SPEC_WORKFLOW_STAGE_TIMEOUT=30m",
       "SPEC_WORKFLOW_USE_SKILLS=true",
     ],
     "health": "sh -c test $(($(date +%s) - $(stat -c %Y /run/fleet/heartbeat))) -le 10, from 2m30s, waited for 207 s",
     "memory": 2048,
     "mounts": [
       "test-speckit_workspaces at /workspaces",
       "test-secrets-gemini-worker at /run/secrets, read-only",
     ],
     "ports": [],
     "stop_timeout": 2160,
     "tmpfs": {
       "/home/app": "rw,nosuid,nodev,exec,size=512m,uid=1000,gid=1000,mode=0700",
       "/run/fleet": "rw,nosuid,nodev,noexec,size=16m,uid=1000,gid=1000,mode=0700",
       "/tmp": "rw,nosuid,nodev,exec,size=512m,uid=1000,gid=1000,mode=0700",
     },
   }
  `);
});

test("health check and directories follow the variables that name them", () => {
  const { fleet } = synthesizedFleet({ variables: { FLEET_STATE_DIRECTORY: "/run/other", FLEET_WAIT_TIMEOUT: "10m" } });
  const { health, tmpfs } = ownParts(containerOf(fleet, "celery_codex_worker"));
  expect({ health, tmpfs: Object.keys(tmpfs as object) }).toEqual({
    health: "sh -c test $(($(date +%s) - $(stat -c %Y /run/other/heartbeat))) -le 10, from 10m30s, waited for 687 s",
    tmpfs: ["/home/app", "/run/other", "/tmp"],
  });
});
