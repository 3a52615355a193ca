import { agentEnvironment } from "../agents/agent-environment";
import { effectiveCodexPolicy } from "../agents/codex-policy";
import { AGENTS } from "../contract";
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
  after: ["policy.config", "tools.codex"],
  run: async ({ codexHome, environment }) =>
    judgePolicy(
      await effectiveCodexPolicy(agentEnvironment(environment, { CODEX_HOME: codexHome, ...NO_NETWORK, NO_PROXY: "", no_proxy: "" })),
    ),
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
