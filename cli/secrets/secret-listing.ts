import { SECRET_CONSUMERS, SECRET_OWNERS } from "../../runtime/contract";
import type { SecretFile } from "../docker/secret-volumes";

/** A table of what is stored. A file that its reader cannot read, or somebody else can, is marked. */
export function listing(
  environment: string,
  files: readonly SecretFile[],
  ownerOf = (file: SecretFile) => SECRET_OWNERS[file.consumer].uid,
): string {
  if (files.length === 0) return `${environment} has no secrets: codex-fleet secrets init ${environment}`;
  const rows = [...files]
    .sort((a, b) => SECRET_CONSUMERS.indexOf(a.consumer) - SECRET_CONSUMERS.indexOf(b.consumer) || a.name.localeCompare(b.name))
    .map((file) => {
      const wrong = file.uid !== ownerOf(file) || file.mode !== 0o400;
      const owner = `${file.uid}:${file.mode.toString(8).padStart(4, "0")}${wrong ? " (wrong: store it again)" : ""}`;
      return [file.name, file.consumer, `${file.content.length} bytes`, file.modified.toISOString().replace(/\.\d+Z$/, "Z"), owner];
    });
  const table = [["NAME", "READER", "SIZE", "CHANGED", "OWNER:MODE"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
