import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policiesOfConversation, readDoctorReport, readTurnPolicies } from "../../../runtime/agents/codex-policy";

const sandbox = (policy: string) => ({ status: "ok", details: { "approval policy": policy } });

test.each([
  ["Never", { "config.load": { status: "ok", summary: "config loaded" }, "sandbox.helpers": sandbox("Never") }, "Never"],
  ["OnRequest", { "config.load": { status: "ok", summary: "config loaded" }, "sandbox.helpers": sandbox("OnRequest") }, "OnRequest"],
  [
    "a configuration that does not load",
    { "config.load": { status: "fail", summary: "duplicate key" }, "sandbox.helpers": sandbox("Never") },
    null,
  ],
  ["no word about the policy", { "config.load": { status: "ok", summary: "config loaded" } }, null],
])("the doctor's report: %s", (_, checks, expected) => {
  expect(readDoctorReport(JSON.stringify({ codexVersion: "0.169.0", checks }), "").approvalPolicy).toBe(expected);
});

test("a doctor that says nothing", () => {
  expect(readDoctorReport("", "panicked\n")).toEqual({
    approvalPolicy: null,
    configuration: "codex doctor gave no report: panicked",
    version: null,
  });
});

const rollout = [
  { type: "session_meta", payload: {} },
  { type: "turn_context", payload: { approval_policy: "never" } },
  { type: "response_item", payload: { text: 'says "turn_context" and "approval_policy":"on-request"' } },
  { type: "turn_context", payload: { approval_policy: "never" } },
]
  .map((line) => JSON.stringify(line))
  .join("\n");

test("policies of the turns, not of what was said in them", () => {
  expect(readTurnPolicies(rollout)).toEqual(["never"]);
  expect(readTurnPolicies(`${rollout}\n{"type":"turn_context","payload":{"approval_policy":"on-request"}}\n`)).toEqual([
    "never",
    "on-request",
  ]);
});

test("finds the record of one conversation among the newest days", async () => {
  const home = mkdtempSync(join(tmpdir(), "codex-home-"));
  try {
    for (const day of ["2025/12/31", "2026/01/02", "2026/01/03"]) mkdirSync(join(home, "sessions", day), { recursive: true });
    writeFileSync(join(home, "sessions/2026/01/02/rollout-2026-01-02T23-59-59-abc.jsonl"), rollout);
    expect(await policiesOfConversation(home, "abc")).toEqual(["never"]);
    expect(await policiesOfConversation(home, "other")).toEqual([]);
    expect(await policiesOfConversation(join(home, "nowhere"), "abc")).toEqual([]);
  } finally {
    rmSync(home, { recursive: true });
  }
});
