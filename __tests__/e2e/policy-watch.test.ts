import { join } from "node:path";
import { buildWorkerImage } from "../support/build-image";
import { output, run } from "../support/command";
import { baseImage, dockerIsMissing, hostCertificates } from "../support/docker";
import { eventually } from "../support/eventually";
import { FleetSurroundings } from "../support/fleet-surroundings";
import type { Lane } from "../support/fleet-surroundings";
import { WorkerContainer } from "../support/worker-container";

/** A real worker whose config.toml is changed, removed or broken while it runs. */

const prefix = `policy-watch-test-${process.pid}`;
const image = `codex-fleet/${prefix}:1`;

jest.setTimeout(10 * 60_000);

const missing = dockerIsMissing();
if (missing !== undefined) console.warn(`SKIPPED, the watched policy is not tested in a container: ${missing}`);
const withDocker = missing === undefined ? test : test.skip;

let surroundings: FleetSurroundings;
let lane: Lane;
let worker: WorkerContainer;

beforeAll(async () => {
  if (missing !== undefined) return;
  await output("node", ["tools/bundle.mjs"], { cwd: join(__dirname, "../..") });
  const certificates = hostCertificates();
  const built = await buildWorkerImage(
    {
      images: { base: await baseImage("node:24-trixie-slim") },
      build: { network: "host", ...(certificates === undefined ? {} : { ca_bundle: certificates }) },
    },
    image,
  );
  if (built.code !== 0) throw new Error(`${built.stdout}${built.stderr}`);
  surroundings = await FleetSurroundings.start({ prefix, lanes: 1, image });
  lane = surroundings.lanes[0]!;
  await surroundings.reset(lane);
  worker = await WorkerContainer.start(surroundings, lane, "worker", { image });
  await worker.ready();
  await health("healthy");
});

afterAll(async () => {
  if (missing !== undefined) return;
  await surroundings?.stop();
  await run("docker", ["image", "rm", "--force", image]);
});

const SETTINGS = "/home/app/.codex/config.toml";

withDocker("changed: it takes no Codex job, is unhealthy and says why; restored: it goes on and is healthy", async () => {
  const said = await worker.lineCount();
  await surroundings.hand(
    lane,
    `cp -p auth/config.toml auth/kept; sed -i 's/^approval_policy = .*/approval_policy = "on-request"/' auth/config.toml`,
  );
  expect(await worker.says(/^suspended: /, said)).toBe(`suspended: ${SETTINGS}: approval_policy is "on-request", must be "never"`);
  await leavesWhatComes();
  await health("unhealthy");
  expect(await worker.phase()).toBe("suspended");
  await surroundings.hand(lane, "mv auth/kept auth/config.toml");
  await takesWhatWaits();
  await health("healthy");
});

withDocker.each([
  ["gone", "mv auth/config.toml auth/kept", `suspended: ${SETTINGS} is gone`],
  ["unreadable", "cp -p auth/config.toml auth/kept; chmod 000 auth/config.toml", `suspended: ${SETTINGS} cannot be read (EACCES)`],
  [
    "corrupt",
    "cp -p auth/config.toml auth/kept; printf '[features\\n' > auth/config.toml",
    new RegExp(`^suspended: ${SETTINGS}:1:\\d+: .*; `),
  ],
])("%s: it takes no Codex job and says why; restored: it goes on", async (_, spoil, words) => {
  const said = await worker.lineCount();
  await surroundings.hand(lane, spoil);
  expect(await worker.says(/^suspended: /, said)).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
  await leavesWhatComes();
  await surroundings.hand(lane, "mv auth/kept auth/config.toml");
  await takesWhatWaits();
});

withDocker("the container was never restarted for it", async () => {
  expect(await worker.inspect("{{.RestartCount}} {{.State.Status}}")).toBe("0 running");
});

withDocker("nothing it asked of the broker was refused", async () => {
  const { stdout, stderr } = await run("docker", ["logs", surroundings.name("rabbitmq")]);
  expect((stdout + stderr).split("\n").filter((line) => /access_refused|not_allowed/i.test(line))).toEqual([]);
});

let runId: string;

/** The consumer of the agent's queue is gone: a message for Codex stays in its queue, one in the light queue does not. */
async function leavesWhatComes(): Promise<void> {
  await eventually(async () => expect(await surroundings.broker.consumers(lane.vhost, "codex")).toBe(0), 60_000, 300);
  runId = await surroundings.broker.publish(lane.vhost, "submit", "codex");
  const light = await surroundings.broker.publish(lane.vhost, "discover", "codex");
  await worker.rejects(light);
  expect(await surroundings.broker.waiting(lane.vhost, "codex")).toBe(1);
}

async function takesWhatWaits(): Promise<void> {
  await worker.rejects(runId);
  await eventually(async () => expect(await worker.phase()).toBe("consuming"), 60_000, 300);
  expect(await surroundings.broker.waiting(lane.vhost, "codex")).toBe(0);
}

async function health(wanted: string): Promise<void> {
  await eventually(async () => expect(await worker.inspect("{{.State.Health.Status}}")).toBe(wanted), 120_000, 400);
}
