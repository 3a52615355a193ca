// Installs npm itself, for base images that have Node but no npm. The digest is checked before anything is unpacked.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";

const VERSION = "11.21.2";
const INTEGRITY = "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==";

const [registry, directory] = process.argv.slice(2);
const url = new URL(`npm/-/npm-${VERSION}.tgz`, registry.endsWith("/") ? registry : `${registry}/`);

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`the answer was ${response.status} ${response.statusText}`);
  const archive = Buffer.from(await response.arrayBuffer());
  const found = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  if (found !== INTEGRITY) throw new Error(`its digest is ${found}, not ${INTEGRITY}`);
  mkdirSync(`${directory}/bin`, { recursive: true });
  writeFileSync(`${directory}/npm.tgz`, archive);
  execFileSync("tar", ["-xzf", `${directory}/npm.tgz`, "-C", directory]);
  symlinkSync("../package/bin/npm-cli.js", `${directory}/bin/npm`);
} catch (error) {
  console.error(`npm ${VERSION} was not installed from ${url}: ${error.message}${error.cause ? ` (${error.cause.message})` : ""}`);
  process.exit(1);
}
