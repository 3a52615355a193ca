import { answerBySchema, encodeGeminiAnswer, parseGeminiBody, readGeminiConversation } from "../../../runtime/demo/gemini-api";

describe("generateContent", () => {
  it("keeps the user's words apart from tool results", () => {
    const body = parseGeminiBody({
      contents: [
        { role: "user", parts: [{ text: "one" }, { text: "more" }] },
        { role: "model", parts: [{ functionCall: { name: "write_file", args: {} } }] },
        { role: "user", parts: [{ functionResponse: { name: "write_file", response: { output: "ok" } } }] },
      ],
    });
    expect(readGeminiConversation(body)).toEqual({ prompts: ["one\nmore"], toolResults: ['{"output":"ok"}'] });
  });

  it.each([
    [{ kind: "message", text: "done" } as const, { text: "done" }],
    [
      { kind: "write", path: "a.txt", content: "x\n" } as const,
      { functionCall: { name: "write_file", args: { file_path: "a.txt", content: "x\n" } } },
    ],
    [{ kind: "shell", command: "ls" } as const, { functionCall: { name: "run_shell_command", args: { command: "ls" } } }],
  ])("answers %j", (answer, part) => {
    expect(encodeGeminiAnswer(answer)).toEqual({
      candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    });
  });

  it("answers a question with a schema by its simplest value", () => {
    const responseSchema = {
      type: "OBJECT",
      properties: {
        reasoning: { type: "STRING" },
        score: { type: "INTEGER", minimum: 3 },
        count: { type: "NUMBER" },
        next: { enum: ["user", "model"] },
        list: { type: "ARRAY" },
        sure: { type: "BOOLEAN" },
      },
    };
    const body = parseGeminiBody({ contents: [], generationConfig: { responseMimeType: "application/json", responseSchema } });
    expect(answerBySchema(body)).toBe('{"reasoning":"scripted model","score":3,"count":1,"next":"user","list":[],"sure":false}');
    expect(answerBySchema(parseGeminiBody({ contents: [] }))).toBeUndefined();
  });
});
