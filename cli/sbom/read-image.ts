import { Readable } from "node:stream";
import { extract } from "tar-stream";
import { docker, dockerBytes } from "../docker/docker";
import { OperatorError } from "../console/operator-error";
import { RECORD_PATHS } from "./installed-package";
import type { ImageRecords } from "./installed-package";

/**
 * Reads the files that list an image's contents, in a temporary container without network, root or capabilities.
 *
 * @throws OperatorError when the image is not based on Debian.
 */
export async function readImage(image: string): Promise<{ readonly id: string; readonly records: ImageRecords }> {
  const id = await docker(["image", "inspect", "--format", "{{.Id}}", image]);
  const patterns = RECORD_PATHS.flatMap((path, index) => [...(index === 0 ? [] : ["-o"]), "-path", path]);
  const script =
    'find / -xdev -type f \\( "$@" \\) -print0 2>/dev/null | tar --create --absolute-names --ignore-failed-read --null --files-from=-';
  const isolation = [
    "--network",
    "none",
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--user",
    "65534:65534",
  ];
  const archive = await dockerBytes([
    "run",
    "--rm",
    ...isolation,
    "--entrypoint",
    "sh",
    id,
    "-c",
    script.replace('"$@"', patterns.map(quoted).join(" ")),
  ]);
  const records = await filesOf(archive);
  if (!records.has("/var/lib/dpkg/status")) {
    throw new OperatorError(`${image} has no Debian packages: only images based on Debian can be described`);
  }
  return { id, records };
}

async function filesOf(archive: Buffer): Promise<ImageRecords> {
  const files = new Map<string, string>();
  const entries = Readable.from([archive]).pipe(extract());
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, Buffer.concat(chunks).toString("utf8"));
  }
  return files;
}

function quoted(word: string): string {
  return word === "-o" || word === "-path" ? word : `'${word}'`;
}
