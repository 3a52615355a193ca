import type { ImageFault } from "../broken-images";
import { eventually } from "../eventually";
import type { FleetSurroundings, Lane } from "../fleet-surroundings";
import { WorkerContainer } from "../worker-container";
import type { CheckLine, WorkerOptions } from "../worker-container";
import type { Act, BrokenWorker } from "./broken-worker";
import { expected, Healed } from "./proof";
import type { Proof } from "./proof";

export interface Images {
  readonly good: string;
  readonly broken: Readonly<Record<ImageFault, string>>;
}

/** Starts a broken worker while a message waits, reads its report, fixes the cause and sees the worker take the message. */
export async function prove(surroundings: FleetSurroundings, lane: Lane, images: Images, id: string, wrong: BrokenWorker): Promise<Proof> {
  const { agent = "codex", shows } = wrong;
  const vhost = wrong.vhost ?? lane.vhost;
  const queue = wrong.queue ?? agent;
  await surroundings.reset(lane);
  if (wrong.spoil !== undefined) await act(wrong.spoil, surroundings, lane);
  const runId = await surroundings.broker.publish(vhost, queue === "speckit" ? "discover" : "submit", agent);
  const options: WorkerOptions = {
    image: images.good,
    agent,
    ...(wrong.settings === undefined ? {} : { settings: wrong.settings }),
    variables: { ...(wrong.vhost === undefined ? {} : { CELERY_BROKER_URL: `amqp://rabbitmq:5672/${vhost}` }), ...wrong.variables },
    ...(wrong.network === undefined ? {} : { network: await wrong.network(surroundings) }),
  };
  const broken = await WorkerContainer.start(surroundings, lane, `${id}-broken`, {
    ...options,
    image: wrong.image === undefined ? images.good : images.broken[wrong.image],
    change: (definition) => wrong.change?.(definition, surroundings),
  });
  let last = broken;
  try {
    const found = await seen(broken, shows);
    expectRed(found.red, wrong.red);
    if (shows !== "warns") await eventually(async () => expect(await surroundings.broker.waiting(vhost, queue)).toBe(1));
    if (shows === 78 || shows === 69) expect(found.exitCode).toBe(shows);
    if (wrong.mend !== undefined) await act(wrong.mend, surroundings, lane);
    else if (shows !== "warns") {
      await broken.remove();
      last = await WorkerContainer.start(surroundings, lane, `${id}-mended`, options);
    }
    await last.ready();
    const restarts = Number(await last.inspect("{{.RestartCount}}"));
    if (last === broken && typeof shows === "number") expect(restarts).toBeGreaterThan(0);
    else expect(restarts).toBe(0);
    // The gemini worker leaves the light queue to others.
    const takes = agent === "codex" || queue === agent;
    if (takes) await last.rejects(runId);
    const deadLetter = takes && wrong.losesDeadLetters === undefined ? runId : undefined;
    await eventually(async () => expect(await surroundings.broker.takeDeadLetter(vhost, queue)).toBe(deadLetter), 30_000, 300);
    expect(await surroundings.broker.waiting(vhost, queue)).toBe(takes ? 0 : 1);
    const proof = {
      checks: found.red
        .map(({ check }) => check)
        .sort()
        .join(", "),
      broken: wrong.broken,
      found: found.exitCode === null ? found.phase : `exit code ${found.exitCode}`,
      healed:
        last === broken
          ? restarts > 0
            ? Healed.SAME_CONTAINER
            : wrong.mend === undefined
              ? Healed.NOTHING_TO_HEAL
              : Healed.NO_RESTART
          : wrong.image === undefined
            ? Healed.RIGHT_DEFINITION
            : Healed.RIGHT_IMAGE,
    };
    expect(proof).toEqual(expected(wrong));
    return proof;
  } finally {
    await broken.remove();
    if (last !== broken) await last.remove();
  }
}

interface Sighting {
  readonly exitCode: number | null;
  readonly phase: string;
  readonly red: readonly CheckLine[];
}

async function seen(worker: WorkerContainer, shows: BrokenWorker["shows"]): Promise<Sighting> {
  if (typeof shows === "number") return { ...(await worker.refusal()), phase: "" };
  const red = shows === "warns" ? await worker.ready() : await worker.waiting();
  return { exitCode: null, phase: `a warning, phase ${await worker.phase()}`, red };
}

function expectRed(red: readonly CheckLine[], wanted: BrokenWorker["red"]): void {
  expect(red.map(({ check }) => check).sort()).toEqual(Object.keys(wanted).sort());
  for (const { check, fix } of red) expect(fix).toMatch(wanted[check]!);
}

async function act(what: Act, surroundings: FleetSurroundings, lane: Lane): Promise<void> {
  if (typeof what === "string") await surroundings.hand(lane, what);
  else await what(surroundings, lane);
}
