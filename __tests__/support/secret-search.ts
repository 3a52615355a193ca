import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output, run } from "./command";
import { checkout, containerIds, containerOf, stateFiles, terraform } from "./demo-fleet";

/** A place that was searched, and the names of the secrets found there. */
export interface SearchedPlace {
  readonly place: string;
  /** Number of bytes searched: a search of zero bytes proves nothing. */
  readonly bytes: number;
  readonly found: readonly string[];
}

type Secrets = Readonly<Record<string, string>>;

/** Searches for values in everything a demo fleet leaves outside its secrets volumes. */
export async function searchFleet(secrets: Secrets): Promise<SearchedPlace[]> {
  const containers = await containerIds();
  const images = [...new Set(lines(await output("docker", ["inspect", "--format", "{{.Image}}", ...containers])))];
  const places: Readonly<Record<string, () => Promise<Buffer>>> = {
    "synthesized output": () => bytes("tar", ["-c", "--exclude=.terraform", "cdktf.out"]),
    "deployment logs": () => bytes("sh", ["-c", "cat .codex-fleet/logs/deploy.demo.log"]),
    ...Object.fromEntries(["demo-data", "demo"].map((stack) => [`plan of ${stack}`, () => planOf(stack)])),
    ...Object.fromEntries(
      ["demo-data", "demo"].map((stack) => [`state of ${stack}`, () => bytes("terraform", ["show", "-json"], terraform(stack).cwd)]),
    ),
    "state files": async () => bytes("cat", await stateFiles()),
    "docker inspect of containers": () => bytes("docker", ["inspect", ...containers]),
    "docker inspect of images": () => bytes("docker", ["image", "inspect", ...images]),
    "docker inspect of volumes": async () => bytes("docker", ["volume", "inspect", ...(await named("volume"))]),
    "docker inspect of networks": async () => bytes("docker", ["network", "inspect", ...(await named("network"))]),
    "image history": () => bytes("sh", ["-c", 'for image; do docker history --no-trunc "$image"; done', "sh", ...images]),
    "container logs": () => bytes("sh", ["-c", 'for id; do docker logs "$id" 2>&1; done', "sh", ...containers]),
    "arguments and environment of processes": () => processes(containers),
    "workspaces and CODEX_HOME": async () =>
      bytes("docker", ["exec", await containerOf("celery_codex_worker"), "tar", "-c", "/workspaces", "/home/app/.codex"]),
    database: async () => bytes("docker", ["exec", await containerOf("postgres"), "pg_dump", "--username", "fleet", "fleet"]),
  };
  const searched: SearchedPlace[] = [];
  for (const [place, read] of Object.entries(places)) searched.push(search(place, await read(), secrets));
  searched.push(await searchLayers(images, secrets));
  return searched;
}

/** Names of the secrets that a content contains. */
export function search(place: string, content: Buffer, secrets: Secrets): SearchedPlace {
  const found = Object.entries(secrets).filter(([, value]) => content.includes(value));
  return { place, bytes: content.length, found: found.map(([name]) => name) };
}

/** Arguments of every process in these containers, again and again until `stop`. */
export function watchArguments(containers: readonly string[]): { stop(): Promise<Buffer> } {
  const script = 'while :; do for f in /proc/[0-9]*/cmdline; do cat "$f" 2>/dev/null; done; sleep 0.1; done';
  const watchers = containers.map((container) => {
    const child = spawn("docker", ["exec", container, "sh", "-c", `timeout 300 sh -c '${script}'`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    return { child, ended: new Promise<Buffer>((resolve) => child.once("close", () => resolve(Buffer.concat(chunks)))) };
  });
  return {
    stop: async () => {
      for (const { child } of watchers) child.kill("SIGKILL");
      return Buffer.concat(await Promise.all(watchers.map(({ ended }) => ended)));
    },
  };
}

/** Searches layers as streams, since they are larger than a buffer may be. */
async function searchLayers(images: readonly string[], secrets: Secrets): Promise<SearchedPlace> {
  const child = spawn("docker", ["save", ...images], { stdio: ["ignore", "pipe", "inherit"] });
  const overlap = Math.max(...Object.values(secrets).map((value) => value.length));
  const found = new Set<string>();
  let tail = Buffer.alloc(0);
  let size = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    const window = Buffer.concat([tail, chunk]);
    for (const name of search("", window, secrets).found) found.add(name);
    tail = window.subarray(-overlap);
    size += chunk.length;
  }
  return { place: "image layers", bytes: size, found: [...found] };
}

/** What a process was started with; every process of a container runs as the account that asks. */
async function processes(containers: readonly string[]): Promise<Buffer> {
  const read = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; true";
  return Buffer.concat(await Promise.all(containers.map((container) => bytes("docker", ["exec", container, "sh", "-c", read]))));
}

async function planOf(stack: string): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), "fleet-plan-"));
  const file = join(directory, "plan");
  try {
    writeFileSync(file, "", { mode: 0o600 });
    await output("terraform", ["plan", "-input=false", "-no-color", `-out=${file}`], terraform(stack));
    return await bytes("terraform", ["show", "-json", file], terraform(stack).cwd);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function named(kind: string): Promise<string[]> {
  return lines(await output("docker", [kind, "ls", "--format", "{{.Name}}"])).filter((name) => /^demo[-_]/.test(name));
}

async function bytes(program: string, args: readonly string[], cwd: string = checkout): Promise<Buffer> {
  const result = await run(program, args, { cwd });
  if (result.code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${result.code}: ${result.stderr}`);
  return Buffer.from(result.stdout);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
