import { z } from "zod";
import { OpenTask } from "../contract";
import type { StageClaim } from "../store";

const Discovered = OpenTask.extend({ baseBranch: z.string(), baseCommit: z.string().regex(/^[0-9a-f]{40,64}$/) });
const Submitted = z.object({
  patchPath: z.string(),
  patchDigest: z.string(),
  summary: z.string().nullable(),
  codexTaskId: z.string().nullable(),
});

/** The result of discover, read from its payload. */
export function discovered(claim: StageClaim): {
  readonly task: OpenTask;
  readonly base: { readonly branch: string; readonly commit: string };
} {
  const { baseBranch, baseCommit, ...task } = Discovered.parse(claim.payloads.discover);
  return { task, base: { branch: baseBranch, commit: baseCommit } };
}

/** The result of submit, read from its payload. */
export function submitted(claim: StageClaim): z.infer<typeof Submitted> {
  return Submitted.parse(claim.payloads.submit);
}
