import { extract, pack } from "tar-stream";
import type { Header } from "tar-stream";
import { SECRET_OWNERS, secretVolumeName } from "../../runtime/contract";
import type { SecretConsumer } from "../../runtime/contract";
import { docker, dockerBytes } from "./docker";

/** Label of the containers with which secrets are copied into and out of volumes; they are created and never started. */
export const TRANSFER_LABEL = "codex-fleet.purpose=secrets";

const EMPTY_IMAGE = "codex-fleet/empty:1";
const MOUNT = "/secrets";

/** A file in the volume of a consumer. */
export interface SecretFile {
  readonly consumer: SecretConsumer;
  /** Path inside the volume, for example `postgres_password`. */
  readonly name: string;
  readonly content: Buffer;
  readonly uid: number;
  readonly mode: number;
  readonly modified: Date;
}

/** The consumers whose volume exists. */
export async function existingSecretVolumes(environment: string, consumers: readonly SecretConsumer[]): Promise<SecretConsumer[]> {
  const volumes = new Set((await docker(["volume", "ls", "--quiet"])).split("\n"));
  return consumers.filter((consumer) => volumes.has(secretVolumeName(environment, consumer)));
}

/** Every file in the volumes of these consumers; a volume that does not exist is not created. */
export async function readSecretFiles(environment: string, consumers: readonly SecretConsumer[]): Promise<SecretFile[]> {
  const existing = await existingSecretVolumes(environment, consumers);
  if (existing.length === 0) return [];
  return withTransferContainer(environment, existing, async (container) => unpack(await dockerBytes(["cp", `${container}:${MOUNT}`, "-"])));
}

/** Whether a volume exists and holds one of these files. */
export async function volumeHolds(volume: string, files: readonly string[]): Promise<boolean> {
  if ((await docker(["volume", "ls", "--quiet", "--filter", `name=^${volume}$`])) === "") return false;
  return withContainer([`${volume}:${MOUNT}`], async (container) => {
    const found = files.map((file) => dockerBytes(["cp", `${container}:${MOUNT}/${file}`, "-"]).catch(() => undefined));
    return (await Promise.all(found)).some((content) => content !== undefined);
  });
}

/** Writes files, each owned by its reader with mode 0400; creates missing volumes. */
export async function writeSecretFiles(
  environment: string,
  files: readonly { readonly consumer: SecretConsumer; readonly name: string; readonly content: string }[],
): Promise<void> {
  if (files.length === 0) return;
  const consumers = [...new Set(files.map((file) => file.consumer))];
  const archive = await packed(files);
  // Remove containers of killed transfers, which would prevent the removal of their volumes.
  await docker(["container", "prune", "--force", "--filter", `label=${TRANSFER_LABEL}`, "--filter", "until=10m"]);
  await withTransferContainer(environment, consumers, (container) => docker(["cp", "-", `${container}:${MOUNT}`], archive));
}

function withTransferContainer<T>(
  environment: string,
  consumers: readonly SecretConsumer[],
  use: (container: string) => Promise<T>,
): Promise<T> {
  return withContainer(
    consumers.map((consumer) => `${secretVolumeName(environment, consumer)}:${MOUNT}/${consumer}`),
    use,
  );
}

async function withContainer<T>(volumes: readonly string[], use: (container: string) => Promise<T>): Promise<T> {
  await ensureEmptyImage();
  const mounts = volumes.flatMap((volume) => ["--volume", volume]);
  const container = await docker(["create", "--network", "none", "--label", TRANSFER_LABEL, ...mounts, EMPTY_IMAGE, "never-started"]);
  try {
    return await use(container);
  } finally {
    await docker(["rm", container]);
  }
}

/** An image without any file, so that nothing has to be pulled and nothing can run. */
async function ensureEmptyImage(): Promise<void> {
  const found = await docker(["image", "ls", "--quiet", EMPTY_IMAGE]);
  if (found === "") await docker(["import", "-", EMPTY_IMAGE], Buffer.alloc(1024));
}

async function packed(
  files: readonly { readonly consumer: SecretConsumer; readonly name: string; readonly content: string }[],
): Promise<Buffer> {
  const archive = pack();
  const directories = new Set<string>();
  for (const { consumer, name, content } of files) {
    const owner = SECRET_OWNERS[consumer];
    for (const directory of parents(name).map((parent) => `${consumer}/${parent}`)) {
      if (!directories.has(directory)) archive.entry({ name: directory, type: "directory", mode: 0o500, ...owner });
      directories.add(directory);
    }
    archive.entry({ name: `${consumer}/${name}`, mode: 0o400, mtime: new Date(), ...owner }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parents(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

async function unpack(archive: Buffer): Promise<SecretFile[]> {
  const reader = extract();
  reader.end(archive);
  const files: SecretFile[] = [];
  for await (const entry of reader) {
    const header = entry.header as Header;
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (header.type !== "file") continue;
    const [, consumer, ...rest] = header.name.split("/");
    files.push({
      consumer: consumer as SecretConsumer,
      name: rest.join("/"),
      content: Buffer.concat(chunks),
      uid: header.uid ?? 0,
      mode: (header.mode ?? 0) & 0o7777,
      modified: header.mtime ?? new Date(0),
    });
  }
  return files;
}
