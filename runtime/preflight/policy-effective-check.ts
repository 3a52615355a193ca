import { mkdir } from "node:fs/promises";
import { agentEnvironment } from "../agents/agent-environment";
import { AGENTS, ExitCode } from "../contract";
import { failed, ok } from "./check";
import type { Check, Outcome } from "./check";

/** No proxy listens on this address, so doctor's network probes, which prove nothing about the policy, fail at once. */
const NO_NETWORK = Object.fromEntries(
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"].map((name) => [name, "http://127.0.0.1:9"]),
);

/** The policy that results from all of Codex's configuration layers; a single file does not decide it. */
export const policyEffectiveCheck: Check = {
  id: "policy.effective",
  what: "the approval policy in effect is never, by codex doctor",
  workers: AGENTS,
  refuses: [ExitCode.CONFIGURATION],
  fix: "rebuild the image if `policy.image` failed too; else look for a layer above `config.toml`, `/etc/codex/managed_config.toml`",
  after: ["tools.codex", "auth.volume"],
  // When `policy.image` fails, `policy.config` is skipped. This check still runs and shows the policy Codex would use.
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
    "a configuration layer above CODEX_HOME/config.toml overrides it: look for /etc/codex/managed_config.toml and for requirements of your workspace",
  );
}
