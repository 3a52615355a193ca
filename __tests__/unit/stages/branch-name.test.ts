import { execFileSync } from "node:child_process";
import { branchName } from "../../../runtime/stages/branch-name";

const RUN = "0190f1c2-aaaa-7bbb-8ccc-1234567890ab";

test.each([
  ["001-shop", "T001", "codex-fleet/001-shop/T001-0190f1c2"],
  ["a..b", "T1", "codex-fleet/a.b/T1-0190f1c2"],
  [".hidden.lock", "T1", "codex-fleet/hidden/T1-0190f1c2"],
  ["with space~^:?*[\\", "T1", "codex-fleet/with-space/T1-0190f1c2"],
  ["...", "", "codex-fleet/task/task-0190f1c2"],
])("%j and %j give %s, which git accepts", (feature, task, expected) => {
  expect(branchName(feature, task, RUN)).toBe(expected);
  execFileSync("git", ["check-ref-format", `refs/heads/${expected}`]);
});
