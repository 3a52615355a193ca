import { deploymentRows } from "./deployment";
import { closeFleet } from "./fleet";
import { imageRows } from "./image";
import { programRows } from "./programs";
import { table } from "./table";
import type { Outcome, Row } from "./table";
import { workerRows } from "./worker";

/**
 * `npm run bench [-- NAME...]`: prints one table, ours beside what it is compared with. Every row is measured on its own;
 * one that cannot be measured says why.
 */
const ROWS: readonly Row[] = [...deploymentRows, ...programRows, ...workerRows, ...imageRows];

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}; allowed: ${ROWS.map(({ name }) => name).join(", ")}`);
  const outcomes: [Row, Outcome][] = [];
  try {
    for (const row of ROWS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      console.error(`measuring ${row.name}: ${row.what}`);
      outcomes.push([row, await outcomeOf(row)]);
    }
  } finally {
    await closeFleet();
    console.log(`\n${table(outcomes)}`);
  }
}

async function outcomeOf(row: Row): Promise<Outcome> {
  try {
    return await row.measure();
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.error(`${signal}: taking the fleet of the measurement down`);
    void closeFleet().finally(() => process.exit(1));
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
