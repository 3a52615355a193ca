import type { Run } from "../../runtime/contract";
import { SAMPLE_FEATURE } from "../../runtime/demo/sample-repository";

/** Execution metadata of a stage that its skill carried out. */
export const BY_SKILL = {
  selectedSkill: "speckit",
  executionPath: "skill",
  usedSkills: true,
  usedFallback: false,
  shadowModeRequested: false,
};

/** The five fields of a task's execution metadata, without the rest of its payload. */
export function executionOf(task: Run["tasks"][number]): Record<string, unknown> {
  const { selectedSkill, executionPath, usedSkills, usedFallback, shadowModeRequested } = task.payload;
  return { selectedSkill, executionPath, usedSkills, usedFallback, shadowModeRequested };
}

/** A skill that fails in a different way in every stage. */
export const BROKEN_SKILL = {
  "broken/SKILL.md": "---\nname: broken\ndescription: Fails in every stage.\nstages: [discover, submit, publish]\n---\n",
  "broken/stages/discover": "#!/bin/sh\necho discover is broken >&2\nexit 3\n",
  "broken/stages/submit": "#!/bin/sh\ntouch left-behind.txt\necho no json\n",
  "broken/stages/publish": `#!/bin/sh\necho x > intruder.txt\necho '{"commitMessage":"a","title":"b","body":"c"}'\n`,
};

/** What a run of the sample repository's first task changes, with the ticked task. */
export const SAMPLE_DIFF = `diff --git a/greeting.txt b/greeting.txt
new file mode 100644
index 0000000..ce01362
--- /dev/null
+++ b/greeting.txt
@@ -0,0 +1 @@
+hello
diff --git a/specs/${SAMPLE_FEATURE}/tasks.md b/specs/${SAMPLE_FEATURE}/tasks.md
index 0d90358..5843e4c 100644
--- a/specs/${SAMPLE_FEATURE}/tasks.md
+++ b/specs/${SAMPLE_FEATURE}/tasks.md
@@ -4,7 +4,7 @@
 
 ## Phase 1: Greeting
 
-- [ ] T001 Create greeting.txt that says hello
+- [X] T001 Create greeting.txt that says hello
 
 ## Phase 2: Manners
 
`;
