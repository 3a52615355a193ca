import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { output, run } from "./command";

/** Names of the images of `assets/base/make.sh`, and the official images they replace. */
const STAND_INS = { "node:24-trixie-slim": "codex-fleet/base:trixie" } as const;

const HOST_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Why tests cannot use Docker here, or undefined. Synchronous, since test files need it to declare their tests. */
export function dockerIsMissing(): string | undefined {
  const { status, stdout, stderr, error } = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { encoding: "utf8" });
  return status === 0 ? undefined : `no Docker engine answers: ${(error?.message ?? (stderr || stdout)).trim()}`;
}

/** The replacement made from Debian packages if it exists, else the official image. */
export async function baseImage(official: keyof typeof STAND_INS): Promise<string> {
  const standIn = STAND_INS[official];
  return (await run("docker", ["image", "inspect", standIn])).code === 0 ? standIn : official;
}

/** The machine's certificates, for downloads in a build behind a proxy that intercepts TLS. */
export function hostCertificates(): string | undefined {
  return existsSync(HOST_CERTIFICATES) ? HOST_CERTIFICATES : undefined;
}

/** A Docker client that builds with BuildKit: one before 23, or one with the buildx plugin. Several may be installed. */
export async function buildClient(): Promise<string> {
  const clients = (await output("which", ["-a", "docker"])).split("\n");
  for (const client of clients) {
    const version = await output(client, ["version", "--format", "{{.Client.Version}}"]);
    if (Number.parseInt(version, 10) < 23 || (await run(client, ["buildx", "version"])).code === 0) return client;
  }
  throw new Error(`none of ${clients.join(", ")} builds with BuildKit: install docker-buildx`);
}
