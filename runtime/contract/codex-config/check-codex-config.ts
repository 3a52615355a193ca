import { mergeCodexConfig } from "./merge-codex-config";
import type { ChangedSetting } from "./merge-codex-config";
import { positionAt } from "./refusal";
import type { CodexConfigRefusal } from "./refusal";
import { tomlStatements } from "./toml-statements";

export type CodexConfigCheck =
  | { readonly ok: true; readonly notices: readonly string[] }
  /** `differing`: managed keys that are missing or have another value; empty when the text was refused. */
  | {
      readonly ok: false;
      readonly differing: readonly ChangedSetting[];
      readonly refusal: CodexConfigRefusal | null;
      readonly notices: readonly string[];
    };

/** Whether the text of a config.toml holds every managed setting with its managed value. Changes nothing. */
export function checkCodexConfig(text: string): CodexConfigCheck {
  const merge = mergeCodexConfig(text);
  if (!merge.ok) return { ok: false, differing: [], refusal: merge.refusal, notices: [] };
  const notices = misplacedPolicies(text);
  return merge.changed.length === 0 ? { ok: true, notices } : { ok: false, differing: merge.changed, refusal: null, notices };
}

/** `approval_policy` below a table header belongs to that table and has no effect: so it goes when a line is appended. */
function misplacedPolicies(text: string): string[] {
  return tomlStatements(text)
    .filter((statement) => statement.kind === "pair" && statement.path.length > 1 && statement.path.at(-1) === "approval_policy")
    .map(
      (statement) =>
        `line ${positionAt(text, statement.start).line}: approval_policy stands in the table [${statement.table.join(".")}] and has no effect there`,
    );
}
