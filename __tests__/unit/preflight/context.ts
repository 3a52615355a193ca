import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PreflightContext } from "../../../runtime/preflight/check";
import { readWorkerConfiguration } from "../../../runtime/preflight/worker-configuration";

/** An empty temporary directory. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), "preflight-"));
}

/** A context made from variables only, without services. */
export function contextOf(environment: Record<string, string>, changes: Partial<PreflightContext> = {}): PreflightContext {
  const { worker, config, codexHome } = readWorkerConfiguration(environment, "host");
  return {
    worker,
    environment,
    config,
    secrets: "/nowhere",
    requirementsPath: "/nowhere/requirements.toml",
    codexHome,
    cheap: false,
    waiting: AbortSignal.abort(),
    database: () => Promise.reject(new Error("no database in this test")),
    ...changes,
  };
}
