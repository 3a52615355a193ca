import { execFileSync } from "node:child_process";
import { median } from "./measure";

/**
 * Time from the start of a worker until it consumes: ours with its whole preflight against a bare Celery worker with the
 * same application. Both run in the worker image, on the networks and volumes of a running demo fleet.
 */
const ROUNDS = 5;
const image = docker("inspect", "--format", "{{.Image}}", worker());

const ours = `node /opt/fleet/runtime/worker.js >/tmp/log 2>&1 & until [ "$(cat /run/fleet/phase 2>/dev/null)" = consuming ]`;
const bare =
  "FLEET_PREFLIGHT=/dev/null celery -A celery_app worker -Q speckit -n bare@%h --concurrency 1 --without-gossip --without-mingle " +
  ">/tmp/log 2>&1 & until [ -e /run/fleet/consumers/speckit ]";

const samples = { ours: [] as number[], bare: [] as number[] };
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, command] of [
    ["ours", ours],
    ["bare", bare],
  ] as const) {
    const milliseconds = start(command);
    if (round > 0) samples[name].push(milliseconds);
  }
}
const difference = (median(samples.ours) - median(samples.bare)) / 1000;
console.log(
  `worker start to ready: ${(median(samples.ours) / 1000).toFixed(2)} s, bare celery worker ${(median(samples.bare) / 1000).toFixed(2)} s, ` +
    `difference +${difference.toFixed(2)} s (target at most +1.5 s)`,
);

/** Milliseconds measured inside the container, without the time Docker takes to start it. */
function start(command: string): number {
  const measured = `start=$(date +%s%N); ${command}; do sleep 0.02; done; echo $(( ($(date +%s%N) - start) / 1000000 )); kill -9 $!`;
  const environment = docker("inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", worker());
  const variables = environment
    .split("\n")
    .filter(Boolean)
    .flatMap((variable) => ["--env", variable]);
  return Number(
    docker(
      ...["run", "--rm", "--init", "--read-only", "--network", `container:${worker()}`, "--volumes-from", worker(), ...variables],
      ...["--tmpfs", "/tmp:exec", "--tmpfs", "/run/fleet:uid=1000,gid=1000", "--tmpfs", "/home/app:exec,uid=1000,gid=1000"],
      ...[image, "bash", "-c", measured],
    ),
  );
}

function worker(): string {
  const id = docker(
    "ps",
    "-q",
    "--filter",
    "label=codex-fleet.environment=demo",
    "--filter",
    "label=codex-fleet.service=celery_codex_worker",
  );
  if (id === "") throw new Error("no demo fleet is running: ./tools/up.sh");
  return id;
}

function docker(...args: readonly string[]): string {
  return execFileSync("docker", args, { encoding: "utf8" }).trim();
}
