import { mkdir } from "node:fs/promises";
import { agentEnvironment } from "../agents/agent-environment";
import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome } from "./check";

/** Nobody listens there: the report's network probes end at once. They prove nothing about the policy. */
const NO_NETWORK = Object.fromEntries(
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"].map((name) => [name, "http://127.0.0.1:9"]),
);

/** What Codex makes of all layers together is what counts, not what one file says. */
export const policyEffectiveCheck: Check = {
  id: "policy.effective",
  what: "the approval policy in effect is never, by codex doctor",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "rebuild the image if `policy.image` failed too; else look for a layer above `config.toml`, `/etc/codex/managed_config.toml`",
  after: ["tools.codex", "auth.volume"],
  // An image without the policy's files leaves config.toml alone: then this says what Codex would really do.
  behind: ["policy.config"],
  run: async ({ codexHome, environment }) => {
    const { effectiveCodexPolicy } = await import("../agents/codex-policy");
    await mkdir(codexHome, { recursive: true, mode: 0o700 }).catch(() => undefined);
    const quiet = { ...NO_NETWORK, NO_PROXY: "", no_proxy: "" };
    return judgePolicy(await effectiveCodexPolicy(agentEnvironment(environment, { CODEX_HOME: codexHome, ...quiet })));
  },
};

export function judgePolicy(policy: { readonly approvalPolicy: string | null; readonly configuration: string }): Outcome {
  const expected = "approval policy Never";
  if (policy.approvalPolicy === "Never") return ok(expected, expected);
  if (policy.approvalPolicy === null) {
    return failed(
      `codex doctor names no policy: ${policy.configuration}`,
      expected,
      "correct CODEX_HOME/config.toml; codex doctor in the container names the place",
    );
  }
  return failed(
    `approval policy ${policy.approvalPolicy}`,
    expected,
    "a layer above CODEX_HOME/config.toml decides otherwise: look for /etc/codex/managed_config.toml and for requirements of your workspace",
  );
}
