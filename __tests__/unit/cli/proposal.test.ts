import { OperatorError } from "../../../cli/console/operator-error";
import { currentProposal } from "../../../cli/up/proposal";
import type { Proposal } from "../../../cli/up/proposal";

/** A proposal that only records that its plan was deleted. */
function proposal(events: string[], name: string): Proposal {
  return { deployment: { close: () => void events.push(`${name} closed`) } } as unknown as Proposal;
}

test.each<[string, "early" | "fails" | "absent", boolean, "early" | "new", string[]]>([
  ["the early one, while the environment is the same", "early", true, "early", []],
  ["a new one for other settings, once the early one is closed", "early", false, "new", ["early closed", "proposed again"]],
  ["a new one after a failure: the engine may have been started since", "fails", true, "new", ["proposed again"]],
  ["a new one where there was none", "absent", true, "new", ["proposed again"]],
])("what is proposed: %s", async (_what, outcome, holds, expected, events) => {
  const seen: string[] = [];
  const [early, later] = [proposal(seen, "early"), proposal(seen, "new")];
  const first = { early: Promise.resolve(early), fails: Promise.reject(new OperatorError("no engine", 1)), absent: undefined };
  first.fails.catch(() => undefined);
  const found = await currentProposal(first[outcome], holds, async () => {
    seen.push("proposed again");
    return later;
  });
  expect(found).toBe(expected === "early" ? early : later);
  expect(seen).toEqual(events);
});

test("an interrupted plan is not made again", async () => {
  const interrupted = Promise.reject(new OperatorError("the plan was interrupted", 130));
  await expect(currentProposal(interrupted, true, () => Promise.reject(new Error("made again")))).rejects.toThrow(
    "the plan was interrupted",
  );
});
