import { SECRET_CONSUMERS, SECRET_OWNERS } from "../../runtime/contract";
import { columns } from "../console/columns";
import { COMMAND_NAME } from "../console/command-name";
import type { SecretFile } from "../docker/secret-volumes";

/** A stored secret, without its value. */
export interface ListedSecret {
  readonly name: string;
  readonly reader: string;
  readonly bytes: number;
  readonly changed: string;
  readonly owner: number;
  readonly mode: string;
  readonly ok: boolean;
}

/** The meaning of every field; docs/command-line.md prints it. */
export const SECRET_FIELDS: Readonly<Record<keyof ListedSecret, string>> = {
  name: "name of its file",
  reader: "the service that reads it: `rabbitmq`, `postgres`, `api`, `codex-worker` or `gemini-worker`",
  bytes: "size of the file",
  changed: "when it was written, ISO 8601",
  owner: "user id the file belongs to",
  mode: "permissions of the file in octal digits: `0400`",
  ok: "whether its reader, and nobody else, can read it",
};

/** The stored secrets, sorted by reader and name. */
export function listSecrets(
  files: readonly SecretFile[],
  ownerOf = (file: SecretFile) => SECRET_OWNERS[file.consumer].uid,
): ListedSecret[] {
  return [...files]
    .sort((a, b) => SECRET_CONSUMERS.indexOf(a.consumer) - SECRET_CONSUMERS.indexOf(b.consumer) || a.name.localeCompare(b.name))
    .map((file) => ({
      name: file.name,
      reader: file.consumer,
      bytes: file.content.length,
      changed: file.modified.toISOString().replace(/\.\d+Z$/, "Z"),
      owner: file.uid,
      mode: file.mode.toString(8).padStart(4, "0"),
      ok: file.uid === ownerOf(file) && file.mode === 0o400,
    }));
}

/** A table for a person. It marks a file that its reader cannot read, or that others can read. */
export function secretTable(environment: string, secrets: readonly ListedSecret[]): string[] {
  if (secrets.length === 0) return [`${environment} has no secrets: ${COMMAND_NAME} secrets init ${environment}`];
  const rows = secrets.map(({ name, reader, bytes, changed, owner, mode, ok }) => [
    name,
    reader,
    `${bytes} bytes`,
    changed,
    `${owner}:${mode}${ok ? "" : " (wrong: store it again)"}`,
  ]);
  return columns([["NAME", "READER", "SIZE", "CHANGED", "OWNER:MODE"], ...rows]);
}
