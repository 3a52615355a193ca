import { authLoginCheck } from "./auth-login-check";
import { authVolumeCheck } from "./auth-volume-check";
import type { Check } from "./check";
import { clockCheck, databaseSchemaCheck } from "./database-check";
import { diskCheck } from "./disk-check";
import { embeddingCheck } from "./embedding-check";
import { geminiCredentialCheck } from "./gemini-credential-check";
import { homeCheck } from "./home-check";
import { authoritiesCheck, proxyCheck } from "./network-check";
import { policyConfigCheck } from "./policy-config-check";
import { policyEffectiveCheck } from "./policy-effective-check";
import { policyImageCheck } from "./policy-image-check";
import { queueCheck } from "./queue-check";
import { skillCompleteCheck, skillSelectionCheck } from "./skill-check";
import { speckitInitCheck } from "./speckit-init-check";
import { stateCheck } from "./state-check";
import { toolCheck, toolRecordCheck } from "./tool-check";

/**
 * Everything a worker checks before it accepts jobs. One more check comes before these: `configuration` (every variable
 * is valid).
 *
 * How a tool is verified depends on the cost: Codex answers at once but has 300 MB to hash, Gemini takes more than a
 * second to start, `speckit.init` runs Spec Kit anyway, and the code mode host has no version of its own.
 */
export const CHECKS: readonly Check[] = [
  toolRecordCheck,
  toolCheck("codex", "version"),
  toolCheck("codex-code-mode-host", "digest"),
  toolCheck("gemini", "digest"),
  toolCheck("specify", "digest"),
  toolCheck("speckit", "digest"),
  toolCheck("celery", "both"),
  toolCheck("node", "version"),
  toolCheck("git", "both"),
  speckitInitCheck,
  skillSelectionCheck,
  skillCompleteCheck,
  policyImageCheck,
  policyConfigCheck,
  policyEffectiveCheck,
  embeddingCheck,
  authoritiesCheck,
  proxyCheck,
  queueCheck("speckit"),
  queueCheck("codex"),
  queueCheck("gemini"),
  databaseSchemaCheck,
  clockCheck,
  diskCheck,
  homeCheck,
  stateCheck,
  authVolumeCheck,
  authLoginCheck,
  geminiCredentialCheck,
];
