import { BROKEN_ACCOUNTS } from "./account";
import type { BrokenWorker } from "./broken-worker";
import { BROKEN_CREDENTIALS } from "./credentials";
import { BROKEN_IMAGES } from "./images";
import { BROKEN_LOGIN_VOLUMES } from "./login-volume";
import { BROKEN_NETWORKS } from "./network";
import { BROKEN_SERVICES } from "./services";

/** Everything that is broken on purpose, each in a worker of its own. */
export const BROKEN_WORKERS: readonly BrokenWorker[] = [
  ...BROKEN_IMAGES,
  ...BROKEN_LOGIN_VOLUMES,
  ...BROKEN_ACCOUNTS,
  ...BROKEN_SERVICES,
  ...BROKEN_CREDENTIALS,
  ...BROKEN_NETWORKS,
];
