import { checkCodexConfig, mergeCodexConfig } from "../../../../runtime/contract";

const managed = mergeCodexConfig("");
const MANAGED = managed.ok ? managed.text : "";

test("a merged file passes", () => {
  expect(checkCodexConfig(MANAGED)).toEqual({ ok: true, notices: [] });
});

test("names the keys that differ", () => {
  expect(checkCodexConfig(MANAGED.replace('"never"', '"on-request"').replace("enabled = false\n", ""))).toEqual({
    ok: false,
    refusal: null,
    notices: [],
    differing: [
      { key: "approval_policy", from: '"on-request"', to: '"never"' },
      { key: "analytics.enabled", from: null, to: "false" },
    ],
  });
});

test("tells of a policy below a table header", () => {
  expect(checkCodexConfig(`${MANAGED}\n[history]\napproval_policy = "never"\n`)).toEqual({
    ok: true,
    notices: ["line 16: approval_policy stands in the table [history] and has no effect there"],
  });
});

test("refuses what the merge refuses", () => {
  const text = "a = 1\na = 2\n";
  const merge = mergeCodexConfig(text);
  expect(checkCodexConfig(text)).toEqual({ ok: false, differing: [], notices: [], refusal: merge.ok ? null : merge.refusal });
});
