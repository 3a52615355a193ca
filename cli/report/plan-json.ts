import { z } from "zod";
import { OperatorError } from "../console/operator-error";

/** What Terraform would do to one resource. */
export type Action = "create" | "update" | "replace" | "destroy" | "forget" | "import" | "read" | "none";

/** The part of a plan's resource that a report uses. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** For `replace`: whether the new one is created before the old one is destroyed. */
  readonly createFirst: boolean;
  readonly before: Attributes | undefined;
  /** Without values that are known only after apply. */
  readonly after: Attributes | undefined;
  /** Top-level attributes whose values are known only after apply. */
  readonly unknown: readonly string[];
  /** Top-level attributes whose change makes Terraform replace the resource. */
  readonly replacedFor: readonly string[];
}

export type Attributes = Readonly<Record<string, unknown>>;

const Values = z.record(z.string(), z.unknown()).nullish();

const ResourceChange = z.object({
  address: z.string(),
  type: z.string(),
  mode: z.string().optional(),
  change: z.object({
    actions: z.array(z.string()),
    before: Values,
    after: Values,
    after_unknown: z.unknown().optional(),
    replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
    importing: z.unknown().optional(),
  }),
});

const PlanJson = z.object({
  // HashiCorp keeps version 1 of the format compatible.
  format_version: z.string().regex(/^1\./, "must be 1.x"),
  resource_changes: z.array(ResourceChange).default([]),
});

/**
 * The resources of a plan, including those without a change.
 *
 * @param json What `terraform show -json PLAN` prints.
 * @param where Source of the plan, for error messages.
 * @throws OperatorError when the JSON is not such a plan.
 */
export function readPlan(json: unknown, where: string): PlannedResource[] {
  const parsed = PlanJson.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OperatorError(
      `${where} is not a plan of Terraform: ${issue!.path.join(".") || "the whole"}: ${issue!.message}; make one with "terraform show -json PLANFILE"`,
    );
  }
  return parsed.data.resource_changes
    .filter(({ mode }) => mode === undefined || mode === "managed")
    .map(({ address, type, change }) => ({
      address,
      type,
      action: actionOf(change.actions, change.importing),
      createFirst: change.actions[0] === "create" && change.actions.length === 2,
      before: change.before ?? undefined,
      after: change.after ?? undefined,
      unknown: Object.entries((change.after_unknown ?? {}) as Attributes).flatMap(([name, value]) => (value === true ? [name] : [])),
      replacedFor: [...new Set((change.replace_paths ?? []).map(([first]) => String(first)))].sort(),
    }));
}

function actionOf(actions: readonly string[], importing: unknown): Action {
  if (actions.length === 2) return actions.includes("delete") ? "replace" : "forget";
  switch (actions[0]) {
    case "create":
    case "update":
    case "forget":
    case "read":
      return actions[0];
    case "delete":
      return "destroy";
    default:
      return importing === undefined || importing === null ? "none" : "import";
  }
}
