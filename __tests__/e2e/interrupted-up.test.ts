import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseFleetState } from "../../cli/terraform/fleet-state";
import { listProcesses } from "../../cli/process/process-list";
import { Checkout } from "../support/checkout";
import { output, run } from "../support/command";
import type { CommandResult } from "../support/command";
import { whyNoTerraform } from "../support/terraform";

/**
 * Kills `up` and all its child processes at several points, as a power failure would, except that the engine goes on. Then
 * runs it to its end.
 */

const reason = whyNoTerraform();
if (reason !== undefined) console.warn(`SKIPPED: interrupted deployments need Terraform, its Docker provider and an engine: ${reason}`);
const describeInterrupted = reason === undefined ? describe : describe.skip;

const NAME = `cut-${process.pid}`;
const PORT = 18_000 + (process.pid % 1_000);
const SETTINGS = `
[codex]
volume_name = "${NAME}_codex_auth"
auth = "none"
provider_url = "http://127.0.0.1:9/v1"
[embedding]
provider = "none"
[workers.codex]
replicas = 1
[workers.gemini]
replicas = 0
[api]
listen = "127.0.0.1:${PORT}"
`;

type Signal = "SIGKILL" | "SIGINT";

jest.setTimeout(20 * 60_000);

describeInterrupted("up, interrupted", () => {
  let checkout: Checkout;
  let last: CommandResult;

  beforeAll(() => {
    checkout = new Checkout(NAME, SETTINGS);
  });

  afterAll(async () => {
    await checkout.remove();
  });

  test("killed while it looks at the machine, nothing was made", async () => {
    await interrupt("SIGKILL", async (said) => said.includes("\nPrerequisites") || said.startsWith("Prerequisites"));
    expect([...(await checkout.containers()), ...(await checkout.networks())]).toEqual([]);
  });

  test("killed while networks are made, it leaves networks in no state", async () => {
    await interrupt("SIGKILL", async () => (await checkout.networks()).length > 0);
    expect((await strays()).networks).not.toEqual([]);
  });

  test("killed while images are built", async () => {
    const said = await interrupt("SIGKILL", async (text) => text.includes("worker | "));
    expect(said).toMatch(/removing the network \S+: an interrupted deployment left it and Terraform's state does not have it/);
  });

  test("killed while containers with fixed names are made, it leaves containers in no state", async () => {
    await interrupt("SIGKILL", async (said) => /^postgres +created/m.test(said));
    expect((await strays()).containers).not.toEqual([]);
  });

  test("killed while it waits for a worker", async () => {
    const said = await interrupt("SIGKILL", async (text) => /^celery_codex_worker +starting/m.test(text));
    expect(said).toMatch(/removing \S+-postgres: an interrupted deployment left it and Terraform's state does not have it/);
    expect((await strays()).containers).not.toEqual([]);
  });

  test("interrupted at a terminal, it lets Terraform write down what was made", async () => {
    await interrupt("SIGINT", async (said) => /^celery_codex_worker +created/m.test(said));
    expect(await strays()).toEqual({ containers: [], networks: [] });
  });

  test("run again, it finishes", async () => {
    last = await up();
    expect({ code: last.code, said: last.code === 0 ? "" : last.stderr }).toEqual({ code: 0, said: "" });
    await expectWhole();
  });

  test("what was stopped, removed, paused and disconnected by hand is put right", async () => {
    const worker = await checkout.containerOf("celery_codex_worker");
    await output("docker", ["stop", await checkout.containerOf("postgres")]);
    await output("docker", ["rm", "--force", await checkout.containerOf("api")]);
    await output("docker", ["pause", await checkout.containerOf("rabbitmq")]);
    await output("docker", ["network", "disconnect", `${NAME}-backplane`, worker]);
    last = await up();
    expect({ code: last.code, said: last.code === 0 ? "" : last.stderr }).toEqual({ code: 0, said: "" });
    await expectWhole();
    expect(
      await output("docker", ["inspect", "--format", `{{json (index .NetworkSettings.Networks "${NAME}-backplane").Aliases}}`, worker]),
    ).toContain("celery_codex_worker");
  });

  test("a network that was removed while the fleet was down is created again", async () => {
    await output("./tools/down.sh", [NAME, "-y"], { cwd: checkout.root });
    await output("docker", ["network", "rm", `${NAME}-edge`]);
    last = await up();
    expect({ code: last.code, said: last.code === 0 ? "" : last.stderr }).toEqual({ code: 0, said: "" });
    await expectWhole();
  });

  test("another checkout leaves the fleet alone and says whose it is", async () => {
    const other = new Checkout(NAME, SETTINGS);
    const before = await checkout.containers();
    try {
      const refused = await run("./tools/up.sh", [NAME, "-y", "--engine", "docker"], { cwd: other.root });
      expect({ code: refused.code === 0, said: refused.stdout + refused.stderr }).toEqual({
        code: false,
        said: expect.stringMatching(
          /MISSING State: found the networks .*, unknown to Terraform's state here[^]*fix: work in the checkout that made them/,
        ),
      });
      const down = await run("./tools/down.sh", [NAME, "-y"], { cwd: other.root });
      expect({ code: down.code === 0, said: down.stderr }).toEqual({
        code: false,
        said: expect.stringMatching(
          /unknown to Terraform's state of this checkout, nothing was changed; work in the checkout that made them/,
        ),
      });
      expect(new Set((await checkout.containers()).keys())).toEqual(new Set(before.keys()));
    } finally {
      await output("rm", ["-rf", other.root]);
    }
  });

  async function expectWhole(): Promise<void> {
    const containers = await checkout.containers();
    expect([...containers.values()].filter((status) => !status.includes("(healthy)"))).toEqual([]);
    expect(containers.size).toBe(4);
    expect(await strays()).toEqual({ containers: [], networks: [] });
    expect(await checkout.networks()).toEqual([`${NAME}-backplane`, `${NAME}-edge`, `${NAME}-egress`]);
    expect([await checkout.planExitCode(`${NAME}-data`), await checkout.planExitCode(NAME)]).toEqual([0, 0]);
  }

  /** What the engine has and no Terraform state contains. */
  async function strays(): Promise<{ containers: string[]; networks: string[] }> {
    const [data, fleet] = [`${NAME}-data`, NAME].map((stack) => {
      const file = path.join(checkout.root, `terraform.${stack}.tfstate`);
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    }) as [string, string];
    const state = parseFleetState(data, fleet);
    const networks = await output("docker", ["network", "ls", "--no-trunc", "--filter", `name=${NAME}-`, "--format", "{{.ID}}"]);
    return {
      containers: [...(await checkout.containers()).keys()].filter((id) => !state.containers.has(id)),
      networks: networks.split("\n").filter((id) => id !== "" && !state.networks.has(id)),
    };
  }

  function up(): Promise<CommandResult> {
    return run("./tools/up.sh", [NAME, "-y", "--engine", "docker"], { cwd: checkout.root, echo: true });
  }

  /** Runs `up` until it reaches a point, and ends it there. */
  async function interrupt(signal: Signal, reached: (said: string) => Promise<boolean>): Promise<string> {
    const child = spawn("./tools/up.sh", [NAME, "-y", "--engine", "docker"], {
      cwd: checkout.root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        process.stderr.write(chunk);
      });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    while (!(await reached(said))) {
      if (child.exitCode !== null) throw new Error(`up ended with ${child.exitCode} before it could be interrupted`);
      await sleep(100);
    }
    process.stderr.write(`\n=== ${signal}\n`);
    if (signal === "SIGINT") {
      process.kill(-child.pid!, signal);
      expect(await ended).not.toBe(0);
      return said;
    }
    await killTree(child.pid!);
    await ended;
    return said;
  }
});

/** Kills a process and all its descendants at once, Terraform's providers too. */
async function killTree(root: number): Promise<void> {
  const entries = await listProcesses();
  const below = (pid: number): number[] => [pid, ...entries.filter(({ parent }) => parent === pid).flatMap((entry) => below(entry.pid))];
  for (const pid of below(root)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}
