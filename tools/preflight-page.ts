import { BROKEN_WORKERS } from "../__tests__/support/broken-workers";
import { expected, TWO_REPLICAS } from "../__tests__/support/broken-workers/proof";
import { CHECKS } from "../runtime/preflight";

/** docs/preflight.md: every check, and every way it is broken in the end-to-end tests. */
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

A worker checks everything it needs before it accepts a job, all checks side by side, each with an id, what was found, what was
expected and what to do. It says so in one JSON line a check, in one block for people, in \`/run/fleet/profile.json\`, and in
the table \`workers\` of the database. The same by hand, without waiting for anything:

\`\`\`console
docker exec CONTAINER fleet-preflight --once
\`\`\`

Exit code 78: a person has to mend something. 69: broker or database stayed away for \`FLEET_WAIT_TIMEOUT\`. No message is
touched either way. The engine starts the container again, with growing pauses, so a cause that is mended heals by itself.
One more check stands before these: \`configuration\`, every variable is valid (78).

${table([["check", "worker", "what it proves", "exit code", "fix"], ...checks])}

Right before Celery consumes, tools and policy are looked at once more (\`fleet-preflight --cheap\`, from \`worker_init\`).

## While the worker runs

\`config.toml\`, its template and \`requirements.toml\` are watched. One that is changed, gone or broken ends the consuming of
the agent's queue (phase \`suspended\`; what runs is finished), the heartbeat stops, the container becomes unhealthy and the log
says why. Restored, it goes on. A login that comes or goes is noticed the same way (phase \`waiting_for_login\`, healthy).

## Broken on purpose

\`__tests__/e2e/preflight-red.test.ts\` breaks a real worker's container in each of these ways, behind a message that waits, and
sees that the message is still there when the worker has refused and is taken once the cause is gone.

${table([["check", "broken how", "found by", "healed by itself"], ...proofs])}
`;
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return [lines[0], `| ${rows[0]!.map(() => "---").join(" | ")} |`, ...lines.slice(1)].join("\n");
}
