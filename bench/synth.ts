import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compare, report, sample } from "./measure";

/** Warm synth of the fleet against bare constructs and against ts-node (CDKTF's template), and its growth with workers. */
const root = path.join(__dirname, "..");
const scratch = mkdtempSync(path.join(tmpdir(), "synth-"));
const node = [process.execPath, "--require", path.join(__dirname, "peak-memory.cjs")];
const tsx = [...node, "--import", "tsx"];
const environment = { CDKTF_OUTDIR: path.join(scratch, "fleet"), FLEET_ENVIRONMENTS: "dev" };

sample([...tsx, path.join(root, "main.ts")], environment);
const counts = path.join(scratch, "counts.json");
writeFileSync(counts, JSON.stringify(resourceCounts(path.join(scratch, "fleet"))));

const fleet = compare(
  {
    ours: () => sample([...tsx, path.join(root, "main.ts")], environment),
    bare: () => sample([...tsx, path.join(__dirname, "bare-fleet.ts"), counts, path.join(scratch, "bare")]),
    template: () => sample([...node, "--require", "ts-node/register", path.join(root, "main.ts")], environment),
  },
  7,
);
report("synth of the fleet against bare constructs", fleet.ours.milliseconds, fleet.bare.milliseconds, "ms", "at most 1.3");
report("ts-node against our way", fleet.template.milliseconds, fleet.ours.milliseconds, "ms", "at least 3");

const scaled = compare(
  {
    ten: () => sample([...tsx, path.join(__dirname, "scaled-fleet.ts"), "10", path.join(scratch, "10")]),
    thousand: () => sample([...tsx, path.join(__dirname, "scaled-fleet.ts"), "1000", path.join(scratch, "1000")]),
  },
  3,
);
const perWorker = (scaled.thousand.milliseconds - scaled.ten.milliseconds) / 990;
console.log(
  `synth of 1000 workers: ${scaled.thousand.milliseconds.toFixed(0)} ms, ${scaled.thousand.megabytes.toFixed(0)} MB (target below 250 MB); ` +
    `10 workers: ${scaled.ten.milliseconds.toFixed(0)} ms, ${scaled.ten.megabytes.toFixed(0)} MB; ${perWorker.toFixed(2)} ms for each more`,
);

function resourceCounts(outdir: string): Record<string, Record<string, number>> {
  const stacks = path.join(outdir, "stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((stack) => {
      const { resource } = JSON.parse(readFileSync(path.join(stacks, stack, "cdk.tf.json"), "utf8")) as {
        resource: Record<string, Record<string, unknown>>;
      };
      return [stack, Object.fromEntries(Object.entries(resource).map(([type, entries]) => [type, Object.keys(entries).length]))];
    }),
  );
}
