import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { output } from "./command";
import type { CommandResult } from "./command";

const CHECKOUT = path.join(__dirname, "../..");
const IMAGE = "codex-fleet/debian:trixie";

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
  "ip link set lo up",
  "until ip link show tap0 >/dev/null 2>&1; do sleep 0.1; done",
  // chroot alone is not enough: an engine inside it could not change the root of its containers.
  "mkdir -p outside && pivot_root . outside && umount -l outside && cd /",
  'exec chroot / /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 bash -c "$4"',
].join("\n");

/** Why no fresh machine can be created here, or undefined. */
export function whyNoFreshMachine(): string | undefined {
  if (process.getuid?.() !== 0) return "it needs root";
  const lacking = ["unshare", "ip", "slirp4netns"].filter((program) => spawnSync("which", [program]).status !== 0);
  if (lacking.length > 0) return `it needs ${lacking.join(", ")} (apt-get install util-linux mount iproute2 slirp4netns)`;
  if (spawnSync("docker", ["image", "inspect", IMAGE]).status === 0) return undefined;
  return `${IMAGE} was not made: assets/base/make.sh makes it`;
}

/**
 * A bare Debian in namespaces of its own for network, processes and mounts, without Docker and systemd. It has this
 * checkout, read-only, at /checkout, and this machine's Node.
 */
export class FreshMachine {
  private machine: ChildProcess | undefined;
  private readonly root = mkdtempSync("/var/tmp/fleet-machine-");

  async make(): Promise<void> {
    const container = await output("docker", ["create", IMAGE]);
    try {
      await output("bash", ["-c", 'set -o pipefail; docker export "$1" | tar -x -C "$2"', "_", container, this.root]);
    } finally {
      await output("docker", ["rm", container]);
    }
    rmSync(path.join(this.root, "usr/sbin/policy-rc.d"), { force: true });
    mkdirSync(path.join(this.root, "checkout"));
    writeFileSync(path.join(this.root, "usr/local/bin/node"), "");
    // Address at which slirp4netns answers.
    writeFileSync(path.join(this.root, "etc/resolv.conf"), "nameserver 10.0.2.3\n");
  }

  /** Boots, runs a script as process 1 and shuts down when the script ends, with everything it started. */
  async run(script: string): Promise<CommandResult> {
    const machine = spawn(
      "unshare",
      ["--mount", "--pid", "--net", "--fork", "--kill-child", "bash", "-c", BOOT, "boot", this.root, CHECKOUT, process.execPath, script],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
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
