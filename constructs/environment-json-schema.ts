import { z } from "zod";
import { EnvironmentSchema } from "./environment-schema";

/** JSON Schema of an environment file, for editors: names, descriptions, types and defaults of all keys. */
export function environmentJsonSchema(): object {
  return {
    ...z.toJSONSchema(EnvironmentSchema, { io: "input", target: "draft-7", unrepresentable: "any" }),
    title: "Codex Fleet environment",
  };
}

/** The text of environments/environment.schema.json. */
export function environmentJsonSchemaText(): string {
  return `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`;
}
