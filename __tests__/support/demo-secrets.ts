import { output, run } from "./command";
import { containerOf } from "./demo-fleet";

/** The secrets the fleet generated, by name. */
export async function generatedSecrets(): Promise<Record<string, string>> {
  const [api, worker] = [await containerOf("api"), await containerOf("celery_codex_worker")];
  const read = (container: string, name: string) => output("docker", ["exec", container, "cat", `/run/secrets/${name}`]);
  return {
    postgres_password: await read(api, "postgres_password"),
    rabbitmq_password_api: await read(api, "rabbitmq_password"),
    rabbitmq_password_worker: await read(worker, "rabbitmq_password"),
    fleet_api_token: await read(api, "fleet_api_token"),
  };
}

export function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]));
}

/** Tries the secrets from inside the fleet's network; they are passed on standard input. */
export async function openedBy(secrets: Readonly<Record<string, string>>): Promise<{ database: boolean; broker: boolean; api: number }> {
  const worker = await containerOf("celery_codex_worker");
  const ask = (container: string, script: string, secret: string) =>
    run("docker", ["exec", "-i", container, "sh", "-c", script], { input: secret });
  const database = await ask(
    await containerOf("postgres"),
    "PGPASSWORD=$(cat) psql -h 127.0.0.1 -U fleet -d fleet -c 'select 1'",
    secrets.postgres_password!,
  );
  const connect =
    "import sys, kombu; kombu.Connection('amqp://rabbitmq:5672//', userid='worker', password=sys.stdin.read()).ensure_connection(max_retries=1)";
  const broker = await ask(worker, `/opt/fleet/venv/bin/python -c "${connect}"`, secrets.rabbitmq_password_worker!);
  const api = await fetch("http://127.0.0.1:8080/api/workflows/speckit/runs", {
    headers: { authorization: `Bearer ${secrets.fleet_api_token}` },
  });
  return { database: database.code === 0, broker: broker.code === 0, api: api.status };
}
