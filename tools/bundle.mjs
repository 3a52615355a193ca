// Bundles every program that runs inside the containers into one file each, so that the image needs no node_modules.
// usage: bundle.mjs [DIRECTORY]; the default is dist/runtime
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = new URL("..", import.meta.url).pathname;
const target = path.resolve(root, process.argv[2] ?? "dist/runtime");
/** Record of the input files of dist/runtime. It is beside that directory, whose contents go into images. */
const record = path.join(root, "dist/runtime.inputs.json");
const recorded = target === path.join(root, "dist/runtime");

const programs = {
  api: "runtime/api/main.ts",
  preflight: "runtime/preflight/main.ts",
  stage: "runtime/stages/main.ts",
  worker: "runtime/worker/main.ts",
  "scripted-github": "runtime/demo/scripted-github-main.ts",
  "scripted-model": "runtime/demo/scripted-model-main.ts",
};

if (!recorded || !isCurrent()) {
  // Remove the record first, so that an interrupted build is repeated.
  if (recorded) rmSync(record, { force: true });
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(programs).filter(([, file]) => existsSync(new URL(`../${file}`, import.meta.url)))),
    outdir: target,
    metafile: true,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    keepNames: true,
    legalComments: "none",
    sourcemap: false,
    logLevel: "warning",
    // Optional modules, which the image does not have. The same programs come out whether or not they are installed.
    external: ["pg-native", "supports-color", "unix-dgram"],
  });
  // npm sets the same old date on all files of a package, so watch npm's own record of installed packages.
  const inputs = [...Object.keys(metafile.inputs), "tools/bundle.mjs", "node_modules/.package-lock.json"];
  if (recorded) writeFileSync(record, JSON.stringify(Object.fromEntries(inputs.map((file) => [file, stamp(file)]))));
}

/** Whether every input file has the recorded date and size; then bundling, which takes most of a synthesis, is skipped. */
function isCurrent() {
  if (!existsSync(record)) return false;
  const outputs = Object.entries(programs).filter(([, file]) => existsSync(path.join(root, file)));
  if (outputs.some(([name]) => !existsSync(path.join(target, `${name}.js`)))) return false;
  return Object.entries(JSON.parse(readFileSync(record, "utf8"))).every(([file, before]) => stamp(file) === before);
}

function stamp(file) {
  const found = statSync(path.join(root, file), { throwIfNoEntry: false });
  return found === undefined ? "absent" : `${found.mtimeMs} ${found.size}`;
}
