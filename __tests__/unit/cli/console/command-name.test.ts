import { commandName } from "../../../../cli/console/command-name";
import type { Invocation } from "../../../../cli/console/command-name";

const PROJECT = "/home/op/fleet/node_modules/cdktf-codex-fleet/dist/cli/codex-fleet.js";
const GLOBAL = "/usr/lib/node_modules/cdktf-codex-fleet/dist/cli/codex-fleet.js";
const LINKS: Readonly<Record<string, string>> = {
  "/home/op/fleet/node_modules/.bin/codex-fleet": PROJECT,
  "/usr/bin/codex-fleet": GLOBAL,
};

const inProject: Invocation = {
  file: PROJECT,
  workingDirectory: "/home/op/fleet",
  checkout: undefined,
  searchPath: ["/home/op/fleet/node_modules/.bin", "/usr/bin"],
  packageManager: "npm/10.8.2 node/v20.19.0 linux x64",
  follow: (file) => LINKS[file],
};
const inCheckout = { file: "/src/cdktf-codex-fleet/cli/codex-fleet.ts", checkout: "/src/cdktf-codex-fleet" };

test.each<[string, Partial<Invocation>, string]>([
  ["a dependency of the project", {}, "npx codex-fleet"],
  ["below the project", { workingDirectory: "/home/op/fleet/environments" }, "npx codex-fleet"],
  ["without a package manager", { packageManager: undefined, searchPath: ["/usr/bin"] }, "npx codex-fleet"],
  ["pnpm", { packageManager: "pnpm/9.1.0 npm/? node/v20.19.0 linux x64" }, "pnpm exec codex-fleet"],
  ["yarn", { packageManager: "yarn/1.22.22 npm/? node/v20.19.0 linux x64" }, "yarn codex-fleet"],
  ["outside of the project", { workingDirectory: "/tmp" }, `node ${PROJECT}`],
  ["installed for all", { file: GLOBAL, workingDirectory: "/tmp", packageManager: undefined }, "codex-fleet"],
  ["installed for all, not on PATH", { file: GLOBAL, workingDirectory: "/tmp", searchPath: ["/bin"] }, `node ${GLOBAL}`],
  ["npx alone", { file: "/home/op/.npm/_npx/1a2b/node_modules/cdktf-codex-fleet/dist/cli/codex-fleet.js" }, "npx cdktf-codex-fleet"],
  ["in a checkout", { ...inCheckout, workingDirectory: "/src/cdktf-codex-fleet/docs" }, "npm run -s fleet --"],
  ["a checkout's program elsewhere", { ...inCheckout, workingDirectory: "/src/cdktf-codex-fleet-2" }, `node ${inCheckout.file}`],
])("hints of a program that is %s name what works there", (_where, changes, expected) => {
  expect(commandName({ ...inProject, ...changes })).toBe(expected);
});
