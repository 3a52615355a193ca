import { encodeResponsesAnswer, parseResponsesBody, readResponsesConversation } from "../../../runtime/demo/responses-api";

const user = (text: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
const write = { kind: "write", path: "a.txt", content: "x\ny\n" } as const;
const patch = "*** Begin Patch\n*** Add File: a.txt\n+x\n+y\n*** End Patch\n";

function items(stream: string): unknown[] {
  const events = stream
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => JSON.parse(frame.split("\ndata: ")[1]!) as { type: string; item?: unknown });
  expect(events.map(({ type }) => type)).toEqual(["response.created", "response.output_item.done", "response.completed"]);
  return events.flatMap(({ item }) => item ?? []);
}

describe("the Responses API", () => {
  it("keeps the user's words apart from instructions and tool results", () => {
    const body = parseResponsesBody({
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "rules" }] },
        user("one"),
        { type: "function_call_output", call_id: "1", output: "stale" },
        user("two"),
        { type: "custom_tool_call", call_id: "2", name: "apply_patch", input: "" },
        { type: "custom_tool_call_output", call_id: "2", output: [{ type: "input_text", text: "fresh" }] },
      ],
    });
    expect(readResponsesConversation(body)).toEqual({ prompts: ["one", "two"], toolResults: ["fresh"] });
  });

  it.each([
    [["apply_patch", "exec_command"], { type: "custom_tool_call", call_id: "call_7", name: "apply_patch", input: patch }],
    [
      ["exec_command"],
      {
        type: "function_call",
        call_id: "call_7",
        name: "exec_command",
        arguments: JSON.stringify({ cmd: `apply_patch <<'END_OF_PATCH'\n${patch}END_OF_PATCH\n` }),
      },
    ],
    [
      ["exec", "wait"],
      {
        type: "custom_tool_call",
        call_id: "call_7",
        name: "exec",
        input: `const result = await tools.exec_command(${JSON.stringify({ cmd: `apply_patch <<'END_OF_PATCH'\n${patch}END_OF_PATCH\n` })}); text(JSON.stringify(result));`,
      },
    ],
  ])("writes with the tools %j", (tools, item) => {
    const body = parseResponsesBody({ input: [user("go")], tools: tools.map((name) => ({ type: "function", name })) });
    expect(items(encodeResponsesAnswer(write, body, "7"))).toEqual([item]);
  });

  it("says a text", () => {
    const body = parseResponsesBody({ input: [] });
    expect(items(encodeResponsesAnswer({ kind: "message", text: "done" }, body, "7"))).toEqual([
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "done" }] },
    ]);
  });

  it("refuses what is no request", () => {
    expect(() => parseResponsesBody({ messages: [] })).toThrow("input");
  });
});
