import { reply, startScriptedModel } from "../../../runtime/demo/scripted-model";
import { scriptedTask } from "../../../runtime/demo/scripted-task";

const prompt = { input: [{ type: "message", role: "user", content: "T001 Create a.txt that says a" }], tools: [{ name: "apply_patch" }] };

describe("reply", () => {
  it("takes a refusal from the script", () => {
    const refuse = () => ({ kind: "refusal", status: 429, message: "slow down" }) as const;
    expect(reply({ method: "POST", path: "/v1/responses", body: prompt }, refuse, 1)).toEqual({
      status: 429,
      type: "application/json",
      body: '{"error":{"code":429,"message":"slow down","type":"scripted_model"}}',
    });
  });

  it.each([
    ["GET", "/healthz", 200, "application/json"],
    ["POST", "/v1/responses", 200, "text/event-stream"],
    ["POST", "/v1beta/models/gemini-x:streamGenerateContent", 200, "text/event-stream"],
    ["POST", "/v1beta/models/gemini-x:generateContent", 200, "application/json"],
    ["POST", "/v1beta/models/gemini-x:countTokens", 200, "application/json"],
    ["GET", "/v1/responses", 404, "application/json"],
    ["POST", "/v1/chat/completions", 404, "application/json"],
  ])("%s %s is answered with %i", (method, path, status, type) => {
    const body = { ...prompt, contents: [{ role: "user", parts: [{ text: "T001 Create a.txt that says a" }] }] };
    const { status: foundStatus, type: foundType } = reply({ method, path, body }, scriptedTask, 1);
    expect([foundStatus, foundType]).toEqual([status, type]);
  });
});

describe("startScriptedModel", () => {
  it("serves, remembers and closes", async () => {
    const model = await startScriptedModel();
    try {
      const post = (body: string) => fetch(`${model.url}/v1/responses?x=1`, { method: "POST", body });
      const answer = await post(JSON.stringify(prompt));
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
      expect(await answer.text()).toBe(reply({ method: "POST", path: "/v1/responses", body: prompt }, scriptedTask, 1).body);
      expect((await post("{")).status).toBe(400);
      expect((await post("{}")).status).toBe(400);
      expect(model.requests).toEqual([
        { method: "POST", path: "/v1/responses", body: prompt },
        { method: "POST", path: "/v1/responses", body: {} },
      ]);
    } finally {
      await model.close();
    }
    await expect(fetch(model.url)).rejects.toThrow("fetch failed");
  });
});
