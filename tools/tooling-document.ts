import { readFileSync } from "node:fs";
import path from "node:path";
import { PINNED_TOOLS, TOOL_NAMES } from "../cli/pins/pinned-tool";
import { pinsOf } from "../cli/pins/update-pins";

interface NpmPackage {
  readonly integrity?: string;
}

const WHAT: Readonly<Record<(typeof TOOL_NAMES)[number], string>> = {
  codex: "Codex CLI",
  gemini: "Gemini CLI",
  specify: "Spec Kit CLI (`specify`, `speckit`)",
  celery: "Celery",
};

/** docs/tooling.md: the versions that the lockfiles of a directory pin, and the digests with which downloads are checked. */
export function toolingDocument(directory: string): string {
  const pins = pinsOf(directory);
  const rows = TOOL_NAMES.map((tool) => [WHAT[tool], pins[tool], `\`${PINNED_TOOLS[tool].name}\``, `\`org.codex-fleet.tool.${tool}\``]);
  return `# Tools of the worker image

Generated from the lockfiles below \`assets/worker\` by \`npm run tooling\`; raise a pin with \`codex-fleet pins update\`.
A build stops when a download does not have the digest in its lockfile, or when a tool reports another version than its pin.
The image's labels and \`/opt/fleet/tooling.json\` have the same versions.

${table([["tool", "version", "package", "label of the image"], ...rows])}

Node, npm, git, jq and Python are those of the base image and its Debian release; \`/opt/fleet/tooling.json\` names the
versions an image has.

## Digests

| file | sha512 |
| ---- | ------ |
${[...npmDigests(directory, "codex"), ...npmDigests(directory, "gemini")].map(([file, digest]) => `| ${file} | \`${digest}\` |`).join("\n")}

| Python package | files | first sha256 |
| -------------- | ----- | ------------ |
${pythonDigests(directory)
  .map(([name, count, digest]) => `| ${name} | ${count} | \`${digest}\` |`)
  .join("\n")}
`;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head, ...rest] = rows;
  return [head!, head!.map((title) => "-".repeat(title.length)), ...rest].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function npmDigests(directory: string, tool: "codex" | "gemini"): [string, string][] {
  const lock = JSON.parse(readFileSync(path.join(directory, tool, "package-lock.json"), "utf8")) as {
    packages: Record<string, NpmPackage>;
  };
  const wanted = tool === "codex" ? /^node_modules\/codex-/ : /^node_modules\/@google\/gemini-cli$/;
  return Object.entries(lock.packages)
    .filter(([name]) => wanted.test(name))
    .map(([name, { integrity }]) => [name.replace("node_modules/", ""), integrity!.replace("sha512-", "")]);
}

function pythonDigests(directory: string): [string, number, string][] {
  const requirements = readFileSync(path.join(directory, "python/requirements.txt"), "utf8").split(/\n(?=\S)/);
  return requirements
    .filter((entry) => /^[A-Za-z0-9]/.test(entry))
    .map((entry) => {
      const digests = [...entry.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, digest]) => digest!);
      return [entry.split(/[\s;]/)[0]!.replace("==", " "), digests.length, digests[0]!];
    });
}
