// Bundles every program that runs inside the containers into one file each, so that the image needs no node_modules.
// usage: bundle.mjs [DIRECTORY]; the default is dist/runtime
import { existsSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;

const programs = {
  api: "runtime/api/main.ts",
  preflight: "runtime/preflight/main.ts",
  stage: "runtime/stages/main.ts",
  worker: "runtime/worker/main.ts",
  "scripted-github": "runtime/demo/scripted-github-main.ts",
  "scripted-model": "runtime/demo/scripted-model-main.ts",
};

await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(Object.entries(programs).filter(([, file]) => existsSync(new URL(`../${file}`, import.meta.url)))),
  outdir: process.argv[2] ?? "dist/runtime",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minifySyntax: true,
  keepNames: true,
  legalComments: "none",
  sourcemap: false,
  logLevel: "warning",
  // Optional native modules, which the image does not have.
  external: ["pg-native", "unix-dgram"],
});
