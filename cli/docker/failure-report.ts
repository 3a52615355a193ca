import { docker } from "./docker";
import { exitCodeWords } from "../process/exit-code-words";
import { runCommand } from "../process/run-program";
import type { ServiceFailure } from "./service-progress";

const LOG_LINES = 30;

/** The part of a container's state in `docker inspect` that a report needs. */
export interface ContainerState {
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  readonly Error: string;
  readonly Health?: { readonly Log: readonly { readonly ExitCode: number; readonly Output: string }[] | null };
}

/** Why a container failed, and its last log lines. Call it before the container is removed. */
export async function reportFailure(failure: ServiceFailure): Promise<string[]> {
  const [state, log] = await Promise.all([
    docker(["inspect", "--format", "{{json .State}}", failure.id]).catch(() => undefined),
    lastLines(failure.id),
  ]);
  return failureLines(failure, state === undefined ? undefined : (JSON.parse(state) as ContainerState), log);
}

/** The lines of a report. */
export function failureLines(failure: ServiceFailure, state: ContainerState | undefined, log: readonly string[]): string[] {
  return [
    `${failure.service} failed: ${causeWords(failure, state)}`,
    ...(state?.Error ? [`the engine says: ${state.Error}`] : []),
    ...healthLines(failure, state),
    ...(log.length === 0
      ? ["it wrote nothing"]
      : [`its last ${log.length === 1 ? "line" : `${log.length} lines`}:`, ...log.map((line) => `  ${line}`)]),
  ];
}

function causeWords({ cause }: ServiceFailure, state: ContainerState | undefined): string {
  if (cause.kind === "exited") return exitCodeWords(cause.exitCode, cause.outOfMemory || (state?.OOMKilled ?? false));
  return "its health check says it is not working";
}

function healthLines({ cause }: ServiceFailure, state: ContainerState | undefined): string[] {
  const probe = cause.kind === "unhealthy" ? state?.Health?.Log?.at(-1) : undefined;
  if (probe === undefined) return [];
  return [`its last health check ended with ${probe.ExitCode}: ${probe.Output.trim() || "without a word"}`];
}

async function lastLines(container: string): Promise<string[]> {
  // stdout and stderr arrive separately; the time stamps restore their order.
  const { stdout, stderr } = await runCommand("docker", ["logs", "--timestamps", "--tail", String(LOG_LINES), container]);
  return `${stdout.toString("utf8")}\n${stderr}`
    .split("\n")
    .filter((line) => line !== "")
    .sort()
    .slice(-LOG_LINES)
    .map((line) => line.replace(/^\S+ /, ""));
}
