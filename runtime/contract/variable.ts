import { z } from "zod";
import { parseDuration } from "./duration";

/** Services that read variables. */
export type VariableReader = "api" | "codex" | "gemini";

/** One environment variable of the fleet: the same record is checked at synth, read in the containers and documented. */
export interface Variable<T = unknown> {
  readonly description: string;
  /** From the text in the environment to the typed value. */
  readonly schema: z.ZodType<T, string>;
  /** Text used when the variable is not set; absent means the variable is optional and has no value. */
  readonly default?: string;
  readonly readers: readonly VariableReader[];
  /** Secrets are given as NAME_FILE or as a file in /run/secrets, never by Terraform. */
  readonly secret?: true;
  /** The key of an environment file that sets it; such a variable may not stand in `[variables]`. */
  readonly field?: string;
  /** Other names that mean the same, from earlier systems. */
  readonly aliases?: readonly string[];
}

/** Keeps the exact type of a record, so that readers know its value and whether it has a default. */
export function variable<const Record extends Variable>(record: Record): Record {
  return record;
}

export const ALL_READERS: readonly VariableReader[] = ["api", "codex", "gemini"];
export const WORKERS: readonly VariableReader[] = ["codex", "gemini"];

/** Schemas that turn a variable's text into its value. Each error says what is allowed. */
export const text = z.string().min(1, "must not be empty");

export const flag = z
  .string()
  .transform((value) => value.toLowerCase())
  .pipe(z.enum(["true", "false", "1", "0", "yes", "no"], "must be true or false"))
  .transform((value) => value === "true" || value === "1" || value === "yes");

export function integer(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^-?\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(minimum, message).max(maximum, message));
}

export const commaList = z
  .string()
  .transform((value) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  )
  .pipe(z.array(z.string()).min(1, "must name at least one, separated by commas"));

/** A duration in text, milliseconds as a value. */
export const duration = z.string().transform((value, context) => {
  try {
    return parseDuration(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

export const queueName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/, "must be letters, digits, dots, dashes and underscores");

export const skillId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be lower-case letters, digits and dashes");

/** An absolute path without blanks. */
export const absolutePath = z.string().regex(/^\/[^\s]+$/, "must be an absolute path");

/** `host:port`; an IPv6 host stands in brackets. */
export const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, "must be host:port, for example 0.0.0.0:8080 or [::]:8080")
  .refine((address) => Number(address.slice(address.lastIndexOf(":") + 1)) <= 65535, "must have a port from 0 to 65535");

export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/]+/, "must be an http:// or https:// address")
  .transform((url) => url.replace(/\/+$/, ""));
