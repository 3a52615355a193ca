import { ImageLayout } from "./image-layout";

/** Consumers of secrets; each has a volume of its own, mounted read-only at `ImageLayout.secrets`. */
export const SECRET_CONSUMERS = ["rabbitmq", "postgres", "api", "codex-worker", "gemini-worker"] as const;
export type SecretConsumer = (typeof SECRET_CONSUMERS)[number];

/** Name of the volume with a consumer's secrets. */
export function secretVolumeName(environment: string, consumer: SecretConsumer): string {
  return `${environment}-secrets-${consumer}`;
}

/** The user that reads the files: 999 in the official broker and database images, `ImageLayout.uid` in ours. */
export const SECRET_OWNERS: Readonly<Record<SecretConsumer, { readonly uid: number; readonly gid: number }>> = {
  rabbitmq: { uid: 999, gid: 999 },
  postgres: { uid: 999, gid: 999 },
  api: { uid: ImageLayout.uid, gid: ImageLayout.gid },
  "codex-worker": { uid: ImageLayout.uid, gid: ImageLayout.gid },
  "gemini-worker": { uid: ImageLayout.uid, gid: ImageLayout.gid },
};

/** File of the broker's definitions inside its volume; the broker loads every file of the directory. */
export const BROKER_DEFINITIONS_FILE = "definitions/fleet.json";
