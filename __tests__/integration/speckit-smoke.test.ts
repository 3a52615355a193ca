import { join } from "node:path";
import type { Run } from "../../runtime/contract";
import { eventually } from "../support/eventually";
import { executionOf } from "../support/expected-change";
import { startFleet } from "../support/fleet-processes";
import type { FleetProcesses } from "../support/fleet-processes";

/** The smoke test of the Spec Kit CLI, run by a Celery task. */

const script = join(__dirname, "../../assets/worker/bin/speckit-smoke");
const smoke = (command: string) => `#!/bin/sh\n${command} >&2 || exit 1\necho '{"task":null}'\n`;
const manifest = (name: string) => `---\nname: ${name}\ndescription: Smoke test of Spec Kit.\nstages: [discover]\n---\n`;

const SKILLS = {
  "smoke/SKILL.md": manifest("smoke"),
  "smoke/stages/discover": smoke(script),
  // The same without Spec Kit: a program that prints nothing and succeeds replaces it.
  "smoke-stub/SKILL.md": manifest("smoke-stub"),
  "smoke-stub/stages/discover": smoke(
    `d=$(mktemp -d) && printf '#!/bin/sh\\n' > $d/speckit && chmod +x $d/speckit && PATH=$d:$PATH ${script}`,
  ),
};

jest.setTimeout(240_000);

let fleet: FleetProcesses;

beforeAll(async () => {
  fleet = await startFleet({ skills: SKILLS });
  await fleet.celery("speckit");
  await fleet.makeRepository("acme/smoke");
});

afterAll(async () => {
  await fleet?.stop();
});

test("a Celery task runs it to its end", async () => {
  const started = await fleet.startRun({ repository: "acme/smoke", skillOverrides: { discover: "smoke" } });
  const run = await fleet.finished(started.id);
  expect([run.status, run.tasks[0]!.status, executionOf(run.tasks[0]!)]).toEqual([
    "succeeded",
    "succeeded",
    { selectedSkill: "smoke", executionPath: "skill", usedSkills: true, usedFallback: false, shadowModeRequested: false },
  ]);
});

test("it fails where Spec Kit does nothing", async () => {
  // Direct logic takes over and finds the task; the next stage has no worker here.
  const started = await fleet.startRun({ repository: "acme/smoke", skillOverrides: { discover: "smoke-stub" } });
  let discover!: Run["tasks"][number];
  await eventually(async () => {
    [discover] = ((await fleet.call("GET", `/runs/${started.id}`)).body as Run).tasks as [typeof discover];
    expect(discover.status).toBe("succeeded");
  }, 60_000);
  expect(executionOf(discover)).toEqual({
    selectedSkill: "smoke-stub",
    executionPath: "direct_fallback",
    usedSkills: true,
    usedFallback: true,
    shadowModeRequested: false,
  });
});
