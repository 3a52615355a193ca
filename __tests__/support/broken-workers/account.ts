import type { BrokenWorker } from "./broken-worker";

/** Faults of the container's definition: account, directories, variables. A container with the right definition fixes them. */
export const BROKEN_ACCOUNTS: readonly BrokenWorker[] = [
  {
    broken: "HOME is not set",
    change: (definition) => void (definition.command = ["env", "-u", "HOME", ...definition.command]),
    shows: 78,
    red: { "home.directory": /set HOME to the account's home directory, \/home\/app/ },
  },
  {
    broken: "the home directory is read-only",
    change: (definition) => void delete definition.tmpfs["/home/app"],
    shows: 78,
    red: { "home.directory": /mount a tmpfs at \/home\/app that uid 1000 owns/ },
  },
  {
    broken: "the worker runs as another account (uid 1001)",
    change: (definition) => void (definition.user = "1001:1001"),
    shows: 78,
    red: {
      "home.directory": /run the worker as the uid that owns it/,
      "state.directory": /mount a tmpfs at \/run\/fleet that uid 1001 owns/,
      "disk.workspaces": /give it to uid 1001/,
      "auth.volume": /chown -R 1001 the volume's content/,
      "queue.speckit": /correct the variables named/,
      "queue.codex": /correct the variables named/,
      "database.schema": /correct the variables named/,
    },
  },
  {
    broken: "the directory of its state files is read-only",
    change: (definition) => void delete definition.tmpfs["/run/fleet"],
    shows: 78,
    red: { "state.directory": /mount a tmpfs at \/run\/fleet that uid 1000 owns/ },
  },
  {
    broken: "a variable has an invalid value (SPEC_WORKFLOW_STAGE_TIMEOUT=soon)",
    change: (definition) =>
      void (definition.env = definition.env.map((each) => each.replace(/^(SPEC_WORKFLOW_STAGE_TIMEOUT)=.*/, "$1=soon"))),
    shows: 78,
    red: { configuration: /correct them in the environment file, then codex-fleet up/ },
  },
  {
    broken: "a stage gets a skill that is not allowed",
    change: (definition) => void definition.env.push("SPEC_WORKFLOW_SUBMIT_SKILL=mine"),
    shows: 78,
    red: { "skills.selection": /correct SPEC_WORKFLOW_SUBMIT_SKILL, or add "mine" to SPEC_WORKFLOW_ALLOWED_SKILLS/ },
  },
  {
    broken: "a speckit skill of the operator's own has no stages",
    variables: { SPEC_WORKFLOW_SKILLS_ROOT: "/workspaces/skills,/opt/fleet/skills" },
    spoil: [
      "mkdir -p workspaces/skills/speckit",
      "printf -- '---\\nname: speckit\\ndescription: ours\\nstages: [discover, submit, publish]\\n---\\n' > workspaces/skills/speckit/SKILL.md",
    ].join("\n"),
    shows: 78,
    red: { "skills.speckit": /a skill of your own in \/workspaces\/skills\/speckit hides the image's/ },
    mend: "rm -r workspaces/skills/speckit",
  },
  {
    broken: "the disk of the work trees is full",
    spoil: "head -c 60M /dev/zero > /v/small/old-run",
    change: (definition, surroundings) => {
      definition.mounts.find(({ target }) => target === "/workspaces")!.source = surroundings.smallVolume;
    },
    shows: 78,
    red: { "disk.workspaces": /free room on the file system of the volume/ },
    mend: "rm /v/small/old-run",
  },
  {
    broken: "the work trees' volume belongs to root",
    spoil: "touch workspaces/kept; chown -R 0:0 workspaces; chmod 0755 workspaces",
    shows: 78,
    red: { "disk.workspaces": /give it to uid 1000/ },
    mend: "chown -R 1000:1000 workspaces",
  },
];
