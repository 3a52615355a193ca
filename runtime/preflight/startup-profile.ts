import type { Agent, CheckResult, CodexWorkerStartupProfile, WorkerPhase } from "../contract";
import type { CheckedResult } from "./run-preflight";
import type { WorkerConfiguration } from "./worker-configuration";

/** The startup profile of a worker, made from the results of its checks. */
export function startupProfile(
  { worker, name, config }: Pick<WorkerConfiguration, "worker" | "name" | "config">,
  checked: readonly Pick<CheckedResult, "result" | "facts">[],
  phase: WorkerPhase,
  startedAt: Date,
): CodexWorkerStartupProfile {
  const results = checked.map(({ result }) => result);
  const all = checked.map(({ facts }) => facts);
  const fact = <Name extends keyof CheckedResult["facts"]>(key: Name) => all.find((facts) => facts[key] !== undefined)?.[key];
  return {
    worker: name,
    kind: worker,
    image: config.FLEET_IMAGE,
    phase,
    queueBindings: all.flatMap((facts) => facts.queueBindings ?? []),
    codexPreflight: codexPreflight(worker, results, fact("login")),
    speckitCapability: fact("speckitCapability") ?? { available: false, version: "unknown", skills: [] },
    embeddingReadiness: fact("embeddingReadiness") ?? {
      provider: config.DEFAULT_EMBEDDING_PROVIDER,
      model: config.GOOGLE_EMBEDDING_MODEL,
      ready: false,
      credentialSource: null,
    },
    authVolume: fact("authVolume") ?? null,
    tools: Object.fromEntries(
      all.flatMap(({ tool }) => (tool === undefined ? [] : [[tool.name, { path: tool.path, version: tool.version }]])),
    ),
    checks: results,
    startedAt: startedAt.toISOString(),
  };
}

/** Combines policy, CLI and login; a gemini worker needs no Codex login. */
function codexPreflight(
  worker: Agent,
  results: readonly CheckResult[],
  login: "present" | "absent" | "not_needed" | undefined,
): CodexWorkerStartupProfile["codexPreflight"] {
  const concerned = results.filter(({ id }) => id === "tools.codex" || id.startsWith("policy.") || id.startsWith("auth."));
  const bad = concerned.find(({ status }) => status === "failed" || status === "unavailable");
  if (bad !== undefined) return { status: "failed", message: `${bad.id}: ${bad.found}; ${bad.fix}` };
  if (worker !== "codex") return { status: "skipped", message: "this worker runs no Codex jobs" };
  const message = results.find(({ id }) => id === "auth.login");
  if (login === "absent") return { status: "waiting_for_login", message: `${message?.found ?? ""}; ${message?.fix ?? ""}` };
  return { status: "passed", message: message?.found ?? "" };
}
