import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { alternate, sample } from "./measure";
import { atMost, atMostMore, below, faster } from "./table";
import type { Row } from "./table";

const ROOT = path.join(__dirname, "..");
const NODE = [process.execPath, "--require", path.join(__dirname, "peak-memory.cjs")];
const TSX = [...NODE, "--import", "tsx"];

/** Programs that run without an engine: synthesis and the command line. */
export const programRows: readonly Row[] = [
  {
    name: "synth",
    what: "synth of the fleet, warm",
    against: "bare constructs, as many resources, the same loader",
    unit: "ms",
    target: atMost(1.3),
    measure: () =>
      inScratch((scratch) => {
        const environment = { CDKTF_OUTDIR: path.join(scratch, "fleet"), FLEET_ENVIRONMENTS: "dev" };
        const ours = () => sample([...TSX, path.join(ROOT, "main.ts")], { environment }).milliseconds;
        ours();
        const counts = path.join(scratch, "counts.json");
        writeFileSync(counts, JSON.stringify(resourceCounts(path.join(scratch, "fleet"))));
        const bare = [...TSX, path.join(__dirname, "bare-fleet.ts"), counts, path.join(scratch, "bare")];
        return alternate({ ours, peer: () => sample(bare).milliseconds }, 7);
      }),
  },
  {
    name: "template",
    what: "synth as up does it, bundles included",
    against: "CDKTF's template: cdktf synth with ts-node",
    unit: "ms",
    target: faster(3),
    measure: () =>
      inScratch((scratch) => {
        const { app } = JSON.parse(readFileSync(path.join(ROOT, "cdktf.json"), "utf8")) as { app: string };
        const environment = { FLEET_ENVIRONMENTS: "dev", CHECKPOINT_DISABLE: "1", CI: "1" };
        const cdktf = [path.join(ROOT, "node_modules/.bin/cdktf"), "synth", "--output", path.join(scratch, "template")];
        const template = ["--app", `node --require ts-node/register ${path.join(ROOT, "main.ts")}`];
        const ours = { cwd: ROOT, environment: { ...environment, CDKTF_OUTDIR: path.join(scratch, "ours") } };
        return alternate(
          {
            ours: () => sample(["sh", "-c", app], ours).milliseconds,
            peer: () => sample([...cdktf, ...template], { cwd: ROOT, environment }).milliseconds,
          },
          3,
        );
      }),
  },
  {
    name: "scale",
    what: "synth of 1,000 workers, peak memory",
    against: "10 workers",
    unit: "MB",
    target: below(250, "MB"),
    measure: () =>
      inScratch((scratch) => {
        const megabytes = (workers: string) => () => scaled(workers, scratch).megabytes;
        return alternate({ ours: megabytes("1000"), peer: megabytes("10") }, 3);
      }),
  },
  {
    name: "growth",
    what: "synth of the second 1,000 workers",
    against: "of the first 1,000: it grows no faster than the fleet",
    unit: "ms",
    target: atMost(1.3),
    measure: () =>
      inScratch(async (scratch) => {
        const milliseconds = (workers: number) => scaled(String(workers), scratch).milliseconds;
        const few = milliseconds(1);
        const { ours: many, peer: half } = await alternate({ ours: () => milliseconds(2_000), peer: () => milliseconds(1_000) }, 3);
        return { ours: many - half, peer: half - few };
      }),
  },
  {
    name: "help",
    what: "codex-fleet --help, the built program",
    against: "node -e 0",
    unit: "ms",
    target: atMostMore(150, "ms"),
    measure: () =>
      inScratch((scratch) => {
        const program = build(scratch);
        const milliseconds = (...args: string[]) => sample([process.execPath, ...args]).milliseconds;
        return alternate({ ours: () => milliseconds(program, "--help"), peer: () => milliseconds("-e", "0") }, 15);
      }),
  },
];

async function inScratch<Result>(action: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-"));
  try {
    return await action(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function scaled(workers: string, scratch: string) {
  return sample([...TSX, path.join(__dirname, "scaled-fleet.ts"), workers, path.join(scratch, workers)]);
}

/** Compiles the command line into a directory of its own, as `npm run build` does into dist. */
function build(scratch: string): string {
  for (const part of ["package.json", "tsconfig.json", "tsconfig.build.json", "assets", "cli", "constructs", "runtime", "environments"])
    cpSync(path.join(ROOT, part), path.join(scratch, part), { recursive: true });
  symlinkSync(path.join(ROOT, "node_modules"), path.join(scratch, "node_modules"));
  mkdirSync(path.join(scratch, "dist"));
  sample([path.join(ROOT, "node_modules/.bin/tsc"), "-p", "tsconfig.build.json"], { cwd: scratch });
  return path.join(scratch, "dist/cli/codex-fleet.js");
}

/** How many resources of each type every stack of a synthesis has. */
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
