import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ToolingRecord } from "../contract";

const ToolingRecordSchema = z.object({
  schema: z.literal(1),
  tools: z.record(z.string(), z.object({ version: z.string(), path: z.string(), sha256: z.string() })),
});

/**
 * Reads the record of the tools the image was built with.
 *
 * @throws Error when the file is missing or unreadable; the message names the file.
 */
export async function readToolingRecord(file: string): Promise<ToolingRecord> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return ToolingRecordSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${file} is not a tool record (tooling.json)`);
  }
}
