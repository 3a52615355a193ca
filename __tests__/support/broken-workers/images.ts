import type { BrokenWorker } from "./broken-worker";

const REBUILD = /rebuild the image/;

/** Faults of the image; a container of the right image fixes them. */
export const BROKEN_IMAGES: readonly BrokenWorker[] = [
  {
    broken: "git, speckit and Codex's code mode host removed from the image",
    image: "removed",
    shows: 78,
    red: { "tools.codex-code-mode-host": REBUILD, "tools.speckit": REBUILD, "tools.git": REBUILD },
  },
  {
    broken: "codex, gemini and celery replaced by a script that only exits with 0",
    image: "stubs",
    shows: 78,
    red: { "tools.codex": REBUILD, "tools.gemini": REBUILD, "tools.celery": REBUILD },
  },
  {
    broken: "codex of another version, specify behind a wrapper, another node first on PATH",
    image: "other versions",
    shows: 78,
    red: {
      "tools.codex": REBUILD,
      "tools.specify": REBUILD,
      "tools.speckit": REBUILD,
      "tools.node": /remove \/opt\/fleet\/bin\/node, or put \S+\/node first on PATH/,
    },
  },
  { broken: "the record of the tools removed from the image", image: "no record", shows: 78, red: { "tools.record": REBUILD } },
  { broken: "the template of config.toml removed from the image", image: "no template", shows: 78, red: { "policy.image": REBUILD } },
  { broken: "requirements.toml removed from the image", image: "no requirements", shows: 78, red: { "policy.image": REBUILD } },
  {
    broken: "requirements.toml removed from the image, config.toml asks for approval (on-request)",
    image: "no requirements",
    spoil: `printf 'approval_policy = "on-request"\\n' > auth/config.toml; chown 1000:1000 auth/config.toml`,
    shows: 78,
    red: { "policy.image": REBUILD, "policy.effective": /rebuild the image|layer above/ },
  },
  {
    broken: "Spec Kit without its templates, the skill's publish stage not executable",
    image: "half of Spec Kit",
    shows: 78,
    red: { "speckit.init": REBUILD, "skills.speckit": /rebuild the image, or correct SPEC_WORKFLOW_SKILLS_ROOT/ },
  },
];
