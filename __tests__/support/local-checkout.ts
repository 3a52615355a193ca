import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, cpSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { output } from "./command";

const ROOT = join(__dirname, "../..");

/** A user of this machine. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

const CALLER: User = { uid: process.getuid!(), gid: process.getgid!() };

/** The user that runs the test; `nobody` if that is root. */
export const UNPRIVILEGED: User = CALLER.uid === 0 ? { uid: 65534, gid: 65534 } : CALLER;
/** Another user that every Debian has: `games`. Only root can change to it. */
export const ANOTHER: User | undefined = CALLER.uid === 0 ? { uid: 5, gid: 60 } : undefined;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A checkout of an unprivileged user on a machine without a Docker engine. */
export class LocalCheckout {
  /**
   * @param directory Root of the checkout.
   * @param home Home directory of its user.
   */
  constructor(
    readonly directory: string,
    readonly home: string,
    private readonly user: User,
  ) {}

  /**
   * Creates the checkout from the files git would include, and links or copies this machine's node_modules.
   *
   * @param listen Address on which the demonstration's API listens.
   */
  async make(listen: string): Promise<void> {
    const listed = await output("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
    for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name)))) {
      mkdirSync(dirname(join(this.directory, file)), { recursive: true });
      cpSync(join(ROOT, file), join(this.directory, file));
    }
    const packages = join(ROOT, "node_modules");
    if (this.canRead(join(packages, "tsx/package.json"))) symlinkSync(packages, join(this.directory, "node_modules"));
    else cpSync(packages, join(this.directory, "node_modules"), { recursive: true, verbatimSymlinks: true });
    const demo = join(this.directory, "environments/demo.toml");
    writeFileSync(demo, readFileSync(demo, "utf8").replace('listen = "127.0.0.1:8080"', `listen = "${listen}"`));
    mkdirSync(join(this.home, "tmp"), { recursive: true });
    for (const top of [this.directory, this.home])
      for (const entry of [top, ...readdirSync(top, { recursive: true }).map((name) => join(top, String(name)))])
        lchownSync(entry, this.user.uid, this.user.gid);
    chmodSync(this.home, 0o700);
  }

  /** Starts `codex-fleet` in a new process group. */
  start(...args: string[]) {
    const names = ["NODE_EXTRA_CA_CERTS", "PIP_CERT", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
    const passed = Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
    return spawn(process.execPath, ["--import", "tsx", "cli/codex-fleet.ts", ...args], {
      cwd: this.directory,
      env: {
        ...passed,
        HOME: this.home,
        TMPDIR: join(this.home, "tmp"),
        PATH: "/usr/local/bin:/usr/bin:/bin",
        DOCKER_HOST: "unix:///nowhere/docker.sock",
      },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      ...this.identity(),
    });
  }

  /** Runs `codex-fleet` to its end. */
  fleet(...args: string[]): Promise<Ended> {
    const child = this.start(...args);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        process.stderr.write(text);
      });
    return new Promise((resolve, reject) => {
      child.once("error", reject).once("close", (code) => resolve({ code: code ?? 128, ...said }));
    });
  }

  /** Runs another program as the same user. */
  program(name: string, args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    return spawn(name, args, { stdio: "ignore", cwd: "/", env: { PATH: "/usr/bin:/bin", ...environment }, ...this.identity() });
  }

  /** Directory of this user's fleets. */
  data(...parts: readonly string[]): string {
    return join(this.home, ".local/share/codex-fleet", ...parts);
  }

  private identity(): Partial<User> {
    return this.user.uid === CALLER.uid ? {} : this.user;
  }

  private canRead(file: string): boolean {
    return spawnSync("test", ["-r", file], { cwd: "/", ...this.identity() }).status === 0;
  }
}
