import { writeSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { breakImages, removeImages } from "../support/broken-images";
import { buildWorkerImage } from "../support/build-image";
import { output } from "../support/command";
import { baseImage, dockerIsMissing, hostCertificates } from "../support/docker";
import { FleetSurroundings } from "../support/fleet-surroundings";
import type { Lane } from "../support/fleet-surroundings";
import { BROKEN_WORKERS } from "../support/broken-workers";
import { closeBrokenNetworks } from "../support/broken-workers/network";
import { prove } from "../support/broken-workers/prove";
import type { Images } from "../support/broken-workers/prove";
import { TWO_REPLICAS } from "../support/broken-workers/proof";
import type { Proof } from "../support/broken-workers/proof";
import { FAULTY_VHOSTS } from "../support/broken-workers/services";
import { WorkerContainer } from "../support/worker-container";

/**
 * Breaks everything preflight checks in a real worker's container. The worker reports it, leaves the waiting message in its
 * queue, and works by itself once the cause is gone. PREFLIGHT_CASES=PATTERN selects cases during development.
 */

const prefix = `preflight-test-${process.pid}`;
const good = `codex-fleet/${prefix}:good`;
/** Workers side by side; each has volumes and a virtual host of its own. */
const LANES = 3;

jest.setTimeout(20 * 60_000);

const missing = dockerIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, preflight is not tested in containers: ${missing}`);
const withDocker = missing === undefined ? test : test.skip;

let surroundings: FleetSurroundings;
let images: Images;
const proofs = new Map<string, Promise<Proof>>();
const table: Proof[] = [];

beforeAll(async () => {
  if (missing !== undefined) return;
  await output("node", ["tools/bundle.mjs"], { cwd: join(__dirname, "../..") });
  const certificates = hostCertificates();
  const settings = {
    images: { base: await baseImage("node:24-trixie-slim") },
    build: { network: "host", ...(certificates === undefined ? {} : { ca_bundle: certificates }) },
  } as const;
  const built = await buildWorkerImage(settings, good);
  if (built.code !== 0) throw new Error(`${built.stdout}${built.stderr}`);
  const [broken, around] = await Promise.all([
    breakImages(good, `codex-fleet/${prefix}`),
    FleetSurroundings.start({ prefix, lanes: LANES, vhosts: FAULTY_VHOSTS, image: good }),
  ]);
  [images, surroundings] = [{ good, broken }, around];
  startAll();
});

afterAll(async () => {
  if (missing !== undefined) return;
  await Promise.allSettled(proofs.values());
  await closeBrokenNetworks();
  await surroundings?.stop();
  await removeImages([...Object.values(images?.broken ?? {}), good]);
  // Print the table without the frame that the test runner adds to console output.
  writeSync(1, tableOf(table));
});

const wanted = BROKEN_WORKERS.map(({ broken }) => broken).filter((broken) => new RegExp(process.env["PREFLIGHT_CASES"] ?? "").test(broken));

for (const broken of [...wanted, TWO_REPLICAS.broken]) {
  withDocker(broken, async () => {
    table.push(await proofs.get(broken)!);
  });
}

/** Every proof takes the next free lane. */
function startAll(): void {
  const jobs = [
    ...BROKEN_WORKERS.filter(({ broken }) => wanted.includes(broken)).map((wrong, index) => ({
      name: wrong.broken,
      work: (lane: Lane) => prove(surroundings, lane, images, `worker${index + 1}`, wrong),
    })),
    { name: TWO_REPLICAS.broken, work: mergeTwice },
  ];
  let next = 0;
  const settlers = new Map<string, (proof: Promise<Proof>) => void>();
  for (const { name } of jobs) proofs.set(name, new Promise<Proof>((resolve) => settlers.set(name, resolve)));
  for (const proof of proofs.values()) proof.catch(() => undefined);
  const workOff = async (lane: Lane): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      const proof = job.work(lane);
      settlers.get(job.name)!(proof);
      await proof.catch(() => undefined);
    }
  };
  for (const lane of surroundings.lanes) void workOff(lane);
}

async function mergeTwice(lane: Lane): Promise<Proof> {
  await surroundings.reset(lane);
  await surroundings.hand(
    lane,
    'printf \'# ours, keep it\\nmodel = "mine" # because\\napproval_policy = "on-request"\\n\' > auth/config.toml; chown 1000:1000 auth/config.toml',
  );
  const replicas = await Promise.all(
    [1, 2].map((number) => WorkerContainer.start(surroundings, lane, `replica${number}`, { image: images.good })),
  );
  try {
    await Promise.all(replicas.map((replica) => replica.ready()));
    const text = await surroundings.hand(lane, "cat auth/config.toml");
    const count = (line: string) => text.split("\n").filter((each) => each === line).length;
    expect([count("# ours, keep it"), count('model = "mine" # because'), count('approval_policy = "never"')]).toEqual([1, 1, 1]);
    expect(text.match(/approval_policy/g)).toHaveLength(1);
    expect(parse(text)).toMatchObject({ model: "mine", approval_policy: "never", sandbox_mode: "danger-full-access" });
    expect((await surroundings.hand(lane, "ls -A auth")).split("\n").filter((name) => name.includes("config.toml"))).toEqual([
      "config.toml",
    ]);
    return TWO_REPLICAS;
  } finally {
    for (const replica of replicas) await replica.remove();
  }
}

function tableOf(rows: readonly Proof[]): string {
  const lines = [
    ["check", "broken how", "found by", "healed by itself"],
    ...rows.map(({ checks, broken, found, healed }) => [checks, broken, found, healed]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  return `\n${lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n\n`;
}
