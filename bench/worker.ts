import { execFileSync } from "node:child_process";
import { openFleet } from "./fleet";
import type { BenchFleet } from "./fleet";
import { alternate } from "./measure";
import type { Pair } from "./measure";
import { atMost, atMostMore } from "./table";
import type { Row } from "./table";

/** Our worker against a bare Celery: both run in the worker image. */
export const workerRows: readonly Row[] = [
  {
    name: "start",
    what: "worker, from start to consuming, preflight included",
    against: "bare celery worker with the same application",
    unit: "s",
    target: atMostMore(1.5, "s"),
    measure: async () => {
      const fleet = await openFleet();
      const ours = `node /opt/fleet/runtime/worker.js >/tmp/log 2>&1 & until [ "$(cat /run/fleet/phase 2>/dev/null)" = consuming ]`;
      const bare =
        "FLEET_PREFLIGHT=/dev/null celery -A celery_app worker -Q speckit -n bare@%h --concurrency 1 --without-gossip --without-mingle " +
        ">/tmp/log 2>&1 & until [ -e /run/fleet/consumers/speckit ]";
      return alternate({ ours: () => secondsUntil(fleet, ours), peer: () => secondsUntil(fleet, bare) }, 5);
    },
  },
  {
    name: "probe",
    what: "CPU time of one health check of a worker",
    against: "celery inspect ping of a bare worker",
    unit: "ms",
    target: atMost(0.02),
    measure: async () => checkAndPing(await openFleet()),
  },
];

/**
 * Seconds on the container's own clock, without what Docker takes to start it. It runs on the networks and volumes of
 * the fleet's codex worker.
 */
function secondsUntil(fleet: BenchFleet, command: string): number {
  const worker = fleet.container("celery_codex_worker");
  const measured = `start=$(date +%s%N); ${command}; do sleep 0.02; done; echo $(( ($(date +%s%N) - start) / 1000000 )); kill -9 $!`;
  const variables = docker("inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", worker).split("\n").filter(Boolean);
  const milliseconds = docker(
    ...["run", "--rm", "--init", "--read-only", "--network", `container:${worker}`, "--volumes-from", worker],
    ...variables.flatMap((variable) => ["--env", variable]),
    ...["--tmpfs", "/tmp:exec", "--tmpfs", "/run/fleet:uid=1000,gid=1000", "--tmpfs", "/home/app:exec,uid=1000,gid=1000"],
    ...[docker("inspect", "--format", "{{.Image}}", worker), "timeout", "120", "bash", "-c", measured],
  );
  return Number(milliseconds) / 1000;
}

/** The ping needs an account that may declare queues of its own, which the fleet's broker gives nobody: it gets a broker of its own. */
async function checkAndPing(fleet: BenchFleet): Promise<Pair<number>> {
  const worker = fleet.container("celery_codex_worker");
  const [image, broker] = ["celery_codex_worker", "rabbitmq"].map((service) =>
    docker("inspect", "--format", "{{.Image}}", fleet.container(service)),
  ) as [string, string];
  const containers: string[] = [];
  const start = (...args: string[]): string => {
    const id = docker("run", "--detach", "--init", ...args);
    containers.push(id);
    return id;
  };
  try {
    const rabbitmq = start("--network", "none", "--hostname", "rabbitmq", "--tmpfs", "/run/secrets/definitions", broker, "rabbitmq-server");
    docker("exec", rabbitmq, "timeout", "60", "bash", "-c", "until rabbitmqctl await_startup >/dev/null 2>&1; do sleep 1; done");
    for (const command of [
      ["add_vhost", "/"],
      ["add_user", "bench", "bench"],
      ["set_permissions", "bench", ".*", ".*", ".*"],
    ])
      docker("exec", rabbitmq, "rabbitmqctl", "--quiet", ...command);
    const celery = ["celery", "--broker", "amqp://bench:bench@127.0.0.1//"];
    const bare = start(...["--network", `container:${rabbitmq}`, image, ...celery, "worker", "--concurrency", "1"]);
    const ping = [...celery, "inspect", "ping", "--timeout", "10"];
    docker("exec", bare, "timeout", "60", "bash", "-c", 'until "$@" >/dev/null 2>&1; do sleep 1; done', "bash", ...ping);
    return await alternate({ ours: () => cpuTime(worker, checkOf(fleet), 20), peer: () => cpuTime(bare, ping, 3) }, 3);
  } finally {
    if (containers.length > 0) docker("rm", "--force", "--volumes", ...containers.reverse());
  }
}

/** Program and arguments of one check of the worker: what follows the probe's own words. */
function checkOf({ resources }: BenchFleet): readonly string[] {
  const worker = Object.values(resources.docker_container).find(({ name }) => name.includes("celery_codex_worker"))!;
  const { test } = worker["healthcheck"] as { readonly test: readonly string[] };
  return test.slice(test.indexOf("probe") + 1);
}

/** Milliseconds of CPU a command takes in a container, of so many runs. */
function cpuTime(container: string, command: readonly string[], runs: number): number {
  const script = `for _ in $(seq ${runs}); do "$@" >/dev/null || exit 1; done; times`;
  const said = docker("exec", container, "bash", "-c", script, "bash", ...command);
  // Its second line is about the shell's children.
  const seconds = [...said.split("\n")[1]!.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return (seconds.reduce((sum, each) => sum + each, 0) / runs) * 1000;
}

function docker(...args: readonly string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
