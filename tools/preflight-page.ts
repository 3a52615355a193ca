import { BROKEN_WORKERS } from "../__tests__/support/broken-workers";
import { expected, TWO_REPLICAS } from "../__tests__/support/broken-workers/proof";
import { CHECKS } from "../runtime/preflight";

/** docs/preflight.md: every check, and every way in which the end-to-end tests break it. */
export function preflightPage(): string {
  const checks = CHECKS.map(({ id, what, workers, refuses, fix }) => [
    `\`${id}\``,
    workers.length === 1 ? workers[0]! : "both",
    what,
    refuses.length === 0 ? "warning" : refuses.join(", "),
    fix,
  ]);
  const proofs = [...BROKEN_WORKERS.map(expected), TWO_REPLICAS].map(({ checks: ids, broken, found, healed }) => [
    ids
      .split(", ")
      .map((id) => `\`${id}\``)
      .join(", "),
    broken,
    found,
    healed,
  ]);
  return `# Preflight

A worker checks everything it needs before it accepts a job. The checks run concurrently; each has an id and reports what it
found, what it expected and what to do. The worker writes the results as one JSON log line per check, as a report for people, to
\`/run/fleet/profile.json\`, and to the table \`workers\` of the database. To run the same checks by hand, without waiting for
broker or database:

\`\`\`console
docker exec CONTAINER fleet-preflight --once
\`\`\`

Exit code 78: a person has to fix something. 69: broker or database did not answer within \`FLEET_WAIT_TIMEOUT\`. In both cases
the worker has taken no message. The engine restarts the container, with growing pauses, so the worker recovers by itself once
the cause is fixed. One more check comes before these: \`configuration\`, every variable is valid (78).

${table([["check", "worker", "what it proves", "exit code", "fix"], ...checks])}

Right before Celery consumes, \`worker_init\` checks tools and policy once more (\`fleet-preflight --cheap\`).

## While the worker runs

The worker watches \`config.toml\`, its template and \`requirements.toml\`. When one of them is changed, removed or broken, the
worker stops consuming the agent's queue (phase \`suspended\`; a running job is finished), its heartbeat stops, the container
becomes unhealthy and the log says why. When the file is restored, the worker goes on. It watches the login in the same way:
without one its phase is \`waiting_for_login\`, and the container stays healthy.

## Broken on purpose

\`__tests__/e2e/preflight-red.test.ts\` breaks a real worker's container in each of these ways while a message waits in its
queue. It sees that the message is still there after the worker has refused, and that the worker takes it once the cause is gone.

${table([["check", "broken how", "found by", "healed by itself"], ...proofs])}
`;
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return [lines[0], `| ${rows[0]!.map(() => "---").join(" | ")} |`, ...lines.slice(1)].join("\n");
}
