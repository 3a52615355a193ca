import { output, run } from "./command";
import { buildClient } from "./docker";

/** Commands that break a working image, run as root. */
const FAULTS = {
  removed: "rm /usr/bin/git /opt/fleet/bin/codex-code-mode-host /opt/fleet/bin/speckit",
  stubs: stubs(["codex", "gemini", "celery"], () => "exit 0"),
  "other versions": [
    stubs(["codex"], () => 'if [ "$1" = --version ]; then echo codex-cli 0.1.0; else exec /opt/fleet/codex/bin/codex "$@"; fi'),
    stubs(["specify"], () => 'exec /opt/fleet/venv/bin/specify "$@"'),
    stubs(["node"], () => 'exec "$(PATH=/usr/local/bin:/usr/bin:/bin; command -v node)" "$@"'),
  ].join(" && "),
  "no record": "rm /opt/fleet/tooling.json",
  "no template": "rm /etc/codex/config.toml",
  "no requirements": "rm /etc/codex/requirements.toml",
  "half of Spec Kit":
    "rm -r /opt/fleet/venv/lib/python3*/site-packages/specify_cli/core_pack && chmod 0644 /opt/fleet/skills/speckit/stages/publish",
} as const;

export type ImageFault = keyof typeof FAULTS;

/** Images made from a good one, each with one fault, by the fault's name. */
export async function breakImages(good: string, prefix: string): Promise<Readonly<Record<ImageFault, string>>> {
  const faults = Object.keys(FAULTS) as ImageFault[];
  const dockerfile = faults.map((fault) => `FROM ${good} AS ${id(fault)}\nUSER root\nRUN ${FAULTS[fault]}\nUSER 1000:1000\n`).join("");
  const client = await buildClient();
  const built = faults.map(async (fault) => {
    const image = `${prefix}:${id(fault)}`;
    await output(client, ["build", "--quiet", "--network", "none", "--target", id(fault), "--tag", image, "-"], {
      env: { ...process.env, DOCKER_BUILDKIT: "1" },
      input: dockerfile,
    });
    return [fault, image] as const;
  });
  return Object.fromEntries(await Promise.all(built)) as Record<ImageFault, string>;
}

export async function removeImages(images: readonly string[]): Promise<void> {
  if (images.length > 0) await run("docker", ["image", "rm", "--force", ...images]);
}

/** Replaces tools by a shell script. */
function stubs(tools: readonly string[], script: (tool: string) => string): string {
  return tools
    .map((tool) => {
      const file = `/opt/fleet/bin/${tool}`;
      return `rm -f ${file} && echo '#!/bin/sh' > ${file} && echo '${script(tool)}' >> ${file} && chmod 0755 ${file}`;
    })
    .join(" && ");
}

function id(fault: ImageFault): string {
  return fault.replaceAll(" ", "-").toLowerCase();
}
