import { readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { StateFile, WorkerPhase } from "../../runtime/contract";
import { runCommand } from "../process/run-program";

/** How a service shows that it works. */
export type Readiness =
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "command"; readonly argv: readonly [program: string, ...args: string[]] }
  | { readonly kind: "worker"; readonly stateDirectory: string };

/** A worker touches its heartbeat every 2 s; older than this, it does not work. In milliseconds. */
const HEARTBEAT_AGE = 10_000;
/** How long an answer may take, in milliseconds. */
const PATIENCE = 3_000;

/** Whether a service works right now. */
export async function isReady(readiness: Readiness): Promise<boolean> {
  switch (readiness.kind) {
    case "port":
      return accepts(readiness.port);
    case "http":
      return fetch(readiness.url, { signal: AbortSignal.timeout(PATIENCE) }).then(
        ({ ok }) => ok,
        () => false,
      );
    case "command":
      return (await runCommand(readiness.argv[0], readiness.argv.slice(1), { timeout: PATIENCE })).ok;
    case "worker":
      return workerWorks(readiness.stateDirectory);
  }
}

/** What a worker says it does; undefined when it says nothing. */
export function localWorkerPhase(stateDirectory: string): WorkerPhase | undefined {
  try {
    return WorkerPhase.safeParse(readFileSync(path.join(stateDirectory, StateFile.phase), "utf8").trim()).data;
  } catch {
    return undefined;
  }
}

/** Without a login a worker is as it should be: a person has to come. */
function workerWorks(stateDirectory: string): boolean {
  const phase = localWorkerPhase(stateDirectory);
  const beat = statSync(path.join(stateDirectory, StateFile.heartbeat), { throwIfNoEntry: false });
  return (phase === "consuming" || phase === "waiting_for_login") && beat !== undefined && Date.now() - beat.mtimeMs < HEARTBEAT_AGE;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: PATIENCE });
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket
      .once("connect", () => answer(true))
      .once("error", () => answer(false))
      .once("timeout", () => answer(false));
  });
}
