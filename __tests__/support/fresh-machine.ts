import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { output } from "./command";
import type { CommandResult } from "./command";

const CHECKOUT = path.join(__dirname, "../..");

/** Releases of Debian. */
export type Release = "trixie" | "bookworm";

/** Uses the base of the replacement images, which is a bare Debian, if it exists; otherwise debootstrap creates one. */
function standIn(release: Release): string | undefined {
  const image = `codex-fleet/debian:${release}`;
  return spawnSync("docker", ["image", "inspect", image]).status === 0 ? image : undefined;
}

/** Process 1 of the machine: mounts the kernel's file systems, waits for the network and executes the shell. */
const BOOT = [
  "set -e",
  "mount --make-rprivate /",
  'mount --bind "$1" "$1"',
  'cd "$1"',
  "mount -t proc proc proc",
  "mount -t sysfs sysfs sys",
  "mount --rbind /sys/fs/cgroup sys/fs/cgroup",
  "mount --rbind /dev dev",
  "mount -t tmpfs tmpfs run",
  'mount --bind "$2" checkout && mount -o remount,bind,ro checkout',
  'mount --bind "$3" usr/local/bin/node',
  'mount --bind "$4" usr/local/lib/node_modules/npm && mount -o remount,bind,ro usr/local/lib/node_modules/npm',
  "ip link set lo up",
  "until ip link show tap0 >/dev/null 2>&1; do sleep 0.1; done",
  // chroot alone is not enough: an engine inside it could not change the root of its containers.
  "mkdir -p outside && pivot_root . outside && umount -l outside && cd /",
  // From here on "$@" is the environment.
  'script=$5 && shift 5 && exec chroot / /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@" bash -c "$script"',
].join("\n");

/** Path of this machine's certificates inside, when downloads need them. */
const CERTIFICATES = "/etc/certificates-of-the-host.crt";
const TRUST = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"];
const PASSED = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "npm_config_registry", "PIP_INDEX_URL"];

/** Why no fresh machine can be created here, or undefined. */
export function whyNoFreshMachine(release: Release = "trixie"): string | undefined {
  if (process.getuid?.() !== 0) return "it needs root";
  const needed = ["unshare", "ip", "slirp4netns", ...(standIn(release) === undefined ? ["debootstrap"] : [])];
  const lacking = needed.filter((program) => spawnSync("which", [program]).status !== 0);
  if (lacking.length === 0) return undefined;
  return `it needs ${lacking.join(", ")} (apt-get install util-linux mount iproute2 slirp4netns debootstrap)`;
}

/**
 * A bare Debian in namespaces of its own for network, processes and mounts, without Docker and systemd. It has this
 * checkout, read-only, at /checkout, and this machine's Node and npm.
 */
export class FreshMachine {
  private machine: ChildProcess | undefined;
  readonly root = `/var/tmp/fleet-machine-${randomUUID()}`;

  constructor(private readonly release: Release = "trixie") {}

  async make(): Promise<void> {
    mkdirSync(this.root);
    const image = standIn(this.release);
    if (image === undefined) await output("debootstrap", ["--variant=minbase", this.release, this.root]);
    else await exportImage(image, this.root);
    // This becomes the root directory, so every user inside must be able to enter it.
    chmodSync(this.root, 0o755);
    rmSync(path.join(this.root, "usr/sbin/policy-rc.d"), { force: true });
    for (const directory of ["checkout", "usr/local/lib/node_modules/npm"]) mkdirSync(path.join(this.root, directory), { recursive: true });
    writeFileSync(path.join(this.root, "usr/local/bin/node"), "");
    for (const name of ["npm", "npx"])
      symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(this.root, "usr/local/bin", name));
    // Address at which slirp4netns answers.
    writeFileSync(path.join(this.root, "etc/resolv.conf"), "nameserver 10.0.2.3\n");
    const certificates = hostCertificates();
    if (certificates !== undefined) cpSync(certificates, path.join(this.root, CERTIFICATES), { dereference: true });
  }

  /** Boots, runs a script as process 1 and shuts down when the script ends, with everything it started. */
  async run(script: string): Promise<CommandResult> {
    const npm = path.join(realpathSync(spawnSync("which", ["npm"], { encoding: "utf8" }).stdout.trim()), "../..");
    const args = [BOOT, "boot", this.root, CHECKOUT, process.execPath, npm, script, ...downloadVariables()];
    const machine = spawn("unshare", ["--mount", "--pid", "--net", "--fork", "--kill-child", "bash", "-c", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.machine = machine;
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      machine[stream].on("data", (chunk: Buffer) => {
        said[stream] += chunk.toString();
        process.stderr.write(chunk);
      });
    const ended = new Promise<number>((resolve) => machine.once("close", (code) => resolve(code ?? -1)));
    const first = await this.firstProcess(machine.pid!);
    const network = spawn("slirp4netns", ["--configure", "--mtu=1500", "--disable-host-loopback", first, "tap0"], { stdio: "ignore" });
    try {
      return { code: await ended, ...said };
    } finally {
      network.kill();
    }
  }

  /** Text of a file on the machine. */
  read(file: string): string {
    return readFileSync(path.join(this.root, file), "utf8");
  }

  remove(): void {
    this.machine?.kill("SIGKILL");
    rmSync(this.root, { recursive: true, force: true });
  }

  private async firstProcess(unshare: number): Promise<string> {
    for (;;) {
      const children = await output("cat", [`/proc/${unshare}/task/${unshare}/children`]);
      if (children.trim() !== "") return children.trim();
    }
  }
}

async function exportImage(image: string, directory: string): Promise<void> {
  const container = await output("docker", ["create", image]);
  try {
    await output("bash", ["-c", 'set -o pipefail; docker export "$1" | tar -x -C "$2"', "_", container, directory]);
  } finally {
    await output("docker", ["rm", container]);
  }
}

function hostCertificates(): string | undefined {
  return TRUST.map((name) => process.env[name]).find((file) => file !== undefined && existsSync(file));
}

/** Variables that downloads need on this machine, and therefore inside too. */
function downloadVariables(): string[] {
  const trusted = hostCertificates() === undefined ? [] : TRUST.filter((name) => process.env[name] !== undefined);
  const passed = PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
  return [...trusted.map((name) => `${name}=${CERTIFICATES}`), ...passed];
}
