import { addGeminiEvent, EMPTY_GEMINI_TURN, geminiTurnFailure } from "../../../runtime/agents/gemini-events";

const TOOL = { type: "tool_use", tool_name: "write_file", tool_id: "w1", parameters: {} };
const RESULT = { type: "result", status: "success", stats: { total_tokens: 105 } };

function turnOf(...events: unknown[]) {
  return events.map((event) => JSON.stringify(event)).reduce(addGeminiEvent, EMPTY_GEMINI_TURN);
}

test("a turn that went well; the summary is what came after the last tool", () => {
  const turn = turnOf(
    { type: "init", session_id: "s-1", model: "auto" },
    { type: "message", role: "user", content: "do it" },
    { type: "message", role: "assistant", content: "I begin.", delta: true },
    TOOL,
    { type: "tool_result", tool_id: "w1", status: "success" },
    { type: "message", role: "assistant", content: "It is ", delta: true },
    { type: "message", role: "assistant", content: "done", delta: true },
    RESULT,
  );
  expect([turn.sessionId, turn.lastMessage, turn.usage]).toEqual(["s-1", "It is done", { total_tokens: 105 }]);
  expect(geminiTurnFailure(turn, 0, "")).toBeNull();
});

test.each([
  [41, "gemini ended with 41 (not authenticated): no key", "set the secret gemini_api_key, then retry the run"],
  [55, "gemini ended with 55 (folder not trusted): no key", "check that no Gemini setting forbids trusting a folder, then retry the run"],
  [144, "gemini ended with 144: no key", "check that the Gemini API can be reached from the worker, then retry the run"],
])("exit code %d in words", (code, reason, remediation) => {
  expect(geminiTurnFailure(EMPTY_GEMINI_TURN, code, "no key\n")).toEqual({ code: "gemini_turn_failed", reason, remediation });
});

test("a turn that ends on a failed tool", () => {
  const turn = turnOf(TOOL, { type: "tool_result", tool_id: "w1", status: "error" }, RESULT);
  expect(geminiTurnFailure(turn, 0, "")!.reason).toBe("gemini ended its turn with a failed tool call: write_file");
});

test("a failed tool that a later one made good", () => {
  const again = { ...TOOL, tool_id: "w2" };
  const turn = turnOf(
    TOOL,
    { type: "tool_result", tool_id: "w1", status: "error" },
    again,
    { type: "tool_result", tool_id: "w2", status: "success" },
    RESULT,
  );
  expect(geminiTurnFailure(turn, 0, "")).toBeNull();
});

test("success needs the result event, not only exit code 0", () => {
  expect(geminiTurnFailure(turnOf(TOOL), 0, "")!.code).toBe("gemini_turn_failed");
});
