import { addCodexEvent, codexTurnFailure, EMPTY_CODEX_TURN } from "../../../runtime/agents/codex-events";

const STARTED = { type: "thread.started", thread_id: "t-1" };
const COMPLETED = { type: "turn.completed", usage: { input_tokens: 20, output_tokens: 10 } };
const SAID = { type: "item.completed", item: { id: "item_9", type: "agent_message", text: "done" } };

function command(status: "completed" | "failed") {
  const exit_code = status === "completed" ? 0 : 1;
  return {
    type: "item.completed",
    item: { type: "command_execution", command: "bash -lc 'make test'", aggregated_output: "", exit_code, status },
  };
}

function change(path: string, status: "completed" | "failed") {
  return { type: "item.completed", item: { type: "file_change", changes: [{ path, kind: "add" }], status } };
}

function turnOf(...events: unknown[]) {
  return events.map((event) => JSON.stringify(event)).reduce(addCodexEvent, EMPTY_CODEX_TURN);
}

test("a turn that went well", () => {
  const turn = turnOf(STARTED, { type: "turn.started" }, change("/w/a.txt", "completed"), SAID, COMPLETED);
  expect(turn).toEqual({
    threadId: "t-1",
    completed: true,
    usage: { input_tokens: 20, output_tokens: 10 },
    lastMessage: "done",
    error: null,
    failedTools: [],
  });
  expect(codexTurnFailure(turn, "")).toBeNull();
});

test.each([
  ["a command that failed and was followed by one that did not", [command("failed"), command("completed")], null],
  ["a command that failed before a change", [command("failed"), change("/w/a", "completed")], null],
  ["a change that failed and was repaired", [change("/w/a", "failed"), change("/w/a", "completed")], null],
  [
    "a turn that ends on a failed command",
    [change("/w/a", "completed"), command("failed")],
    "command_execution bash -lc 'make test' (failed)",
  ],
  ["a change that failed while another did not", [change("/w/a", "failed"), change("/w/b", "completed")], "file_change /w/a"],
  ["a change that failed before a command that did not", [change("/w/a", "failed"), command("completed")], "file_change /w/a"],
])("%s", (_, tools, failed) => {
  expect(codexTurnFailure(turnOf(STARTED, ...tools, COMPLETED), "")).toEqual(
    failed === null
      ? null
      : {
          code: "codex_tool_failed",
          reason: `codex ended its turn with a failed tool call: ${failed}`,
          remediation: "read the event log for the tool's output, fix what it names, then retry the run",
        },
  );
});

test.each([
  ["turn.failed", [STARTED, { type: "turn.failed", error: { message: "stream disconnected" } }], "", "stream disconnected"],
  ["an error after which nothing came", [STARTED, { type: "error", message: "401 Unauthorized" }], "", "401 Unauthorized"],
  ["no event at all", [], "Error: config.toml:2:1: duplicate key\n", "Error: config.toml:2:1: duplicate key"],
  ["a turn that completed and then failed", [COMPLETED, { type: "turn.failed", error: { message: "late" } }], "", "late"],
])("%s is a failed turn", (_, events, messages, error) => {
  expect(codexTurnFailure(turnOf(...events), messages)).toMatchObject({
    code: "codex_turn_failed",
    reason: `codex ended without turn.completed: ${error}`,
  });
});

test.each([
  ["401 Unauthorized", "log in again with `codex-fleet login`, then retry the run"],
  ["You've hit your usage limit", "wait until the account's limit is over, then retry the run"],
  ["connection refused", "check that the model's provider can be reached from the worker, then retry the run"],
])("%s: %s", (message, remediation) => {
  expect(codexTurnFailure(turnOf({ type: "error", message }), "")!.remediation).toBe(remediation);
});

test("lines of an unknown kind, and no JSON, change nothing", () => {
  expect(
    ["{", "", "null", '{"type":"future.event"}', '{"type":"item.completed","item":{"type":"reasoning"}}'].reduce(
      addCodexEvent,
      EMPTY_CODEX_TURN,
    ),
  ).toEqual(EMPTY_CODEX_TURN);
});
