const boundaries = require("eslint-plugin-boundaries");
const { importX } = require("eslint-plugin-import-x");
const { createTypeScriptImportResolver } = require("eslint-import-resolver-typescript");
const tseslint = require("typescript-eslint");

/**
 * What each room (directory) may import besides itself. This is the only definition; CONTRIBUTING.md prints it.
 * Only constructs/tf.ts may import `cdktf`. More specific rooms come first: `cli` means only the files directly in it.
 */
const ALLOWED = {
  constructs: ["runtime/contract"],
  "runtime/contract": [],
  "runtime/store": ["runtime/contract"],
  "runtime/queue": ["runtime/contract", "runtime/store"],
  "runtime/agents": ["runtime/contract"],
  "runtime/preflight": ["runtime/contract", "runtime/store", "runtime/queue", "runtime/agents"],
  "runtime/stages": ["runtime/contract", "runtime/store", "runtime/queue", "runtime/agents"],
  "runtime/worker": ["runtime/contract", "runtime/store", "runtime/preflight"],
  "runtime/api": ["runtime/contract", "runtime/store", "runtime/queue"],
  "runtime/demo": ["runtime/contract"],
  "cli/process": ["runtime/contract"],
  "cli/console": ["runtime/contract"],
  "cli/packages": ["runtime/contract", "cli/console", "cli/process"],
  "cli/project": ["runtime/contract", "constructs", "cli/console"],
  "cli/docker": ["runtime/contract", "constructs", "cli/console", "cli/process"],
  "cli/secrets": ["runtime/contract", "constructs", "cli/console", "cli/process", "cli/project", "cli/docker"],
  "cli/terraform": ["runtime/contract", "constructs", "cli/console", "cli/process", "cli/project", "cli/docker"],
  "cli/report": ["constructs", "runtime/contract", "cli/console"],
  "cli/local": [
    ...["runtime/contract", "constructs", "cli/console", "cli/process", "cli/packages", "cli/project", "cli/docker", "cli/secrets"],
  ],
  "cli/run": ["runtime/contract", "constructs", "cli/console", "cli/project", "cli/docker", "cli/local"],
  "cli/pins": ["constructs", "cli/console", "cli/process", "cli/project"],
  "cli/sbom": ["cli/console", "cli/docker"],
  "cli/image": ["cli/console", "cli/docker"],
  "cli/codex-config": ["runtime/contract", "cli/console"],
  "cli/up": [
    ...["runtime/contract", "constructs", "cli/console", "cli/process", "cli/project", "cli/docker", "cli/secrets"],
    ...["cli/terraform", "cli/report", "cli/local", "cli/run", "cli/packages"],
  ],
  "cli/fleet": [
    ...["runtime/contract", "constructs", "cli/console", "cli/process", "cli/project", "cli/docker", "cli/secrets"],
    ...["cli/terraform", "cli/local", "cli/up", "cli/packages"],
  ],
  "cli/completion": ["runtime/contract", "constructs", "cli/console", "cli/project", "cli/secrets", "cli/pins"],
  "cli/commands": [
    ...["runtime/contract", "constructs", "cli/console", "cli/project", "cli/secrets", "cli/run", "cli/pins", "cli/sbom"],
    ...["cli/image", "cli/codex-config", "cli/up", "cli/fleet", "cli/completion"],
  ],
  cli: ["cli/commands", "cli/console", "cli/project"],
};

const house = {
  files: ["constructs/**/*.ts", "runtime/**/*.ts", "cli/**/*.ts"],
  plugins: { boundaries, "import-x": importX },
  settings: {
    "boundaries/elements": Object.keys(ALLOWED).map((room) => ({ type: room, pattern: room, partialMatch: false })),
    ...importX.flatConfigs.typescript.settings,
    "import-x/resolver-next": [createTypeScriptImportResolver({ alwaysTryTypes: true })],
    "import/resolver": { typescript: { alwaysTryTypes: true } },
  },
  rules: {
    "import-x/no-cycle": "error",
    "boundaries/dependencies": [
      "error",
      {
        default: "disallow",
        message: "{{from.type}} may not import {{to.type}}: the table of allowed imports is in eslint.config.js",
        policies: [
          { allow: { to: { module: { origin: "external" } } } },
          { allow: { to: { module: { origin: "core" } } } },
          ...Object.entries(ALLOWED).map(([room, others]) => ({
            from: { element: { type: room } },
            allow: { to: { element: { types: { anyOf: [room, ...others] } } } },
          })),
        ],
      },
    ],
    "no-restricted-imports": [
      "error",
      { patterns: [{ group: ["cdktf", "cdktf/*", "@cdktf/*"], message: "import it from constructs/tf.ts" }] },
    ],
  },
};

module.exports = tseslint.config(
  { ignores: ["dist/", "cdktf.out/", "node_modules/", "coverage/"] },
  ...tseslint.configs.strict,
  {
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "no-console": "off",
    },
  },
  { files: ["**/*.js"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  house,
  { files: ["constructs/tf.ts"], rules: { "no-restricted-imports": "off" } },
);
