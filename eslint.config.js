const tseslint = require("typescript-eslint");

/** Imports point one way: cli -> constructs -> contract; runtime/* -> contract. */
const oneWay = (files, forbidden) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: forbidden.map((group) => ({ group: [group], message: "imports point one way (CONTRIBUTING.md)" })) },
    ],
  },
});

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
  oneWay(
    ["runtime/contract/**/*.ts"],
    ["../store*", "../queue*", "../api*", "../stages*", "../agents*", "../preflight*", "../worker*", "**/constructs/**", "**/cli/**"],
  ),
  oneWay(["runtime/**/*.ts"], ["**/constructs/**", "**/cli/**"]),
  oneWay(["constructs/**/*.ts"], ["**/cli/**", "**/runtime/api/**", "**/runtime/stages/**", "**/runtime/store/**", "**/runtime/queue/**"]),
  oneWay(["constructs/!(tf).ts"], ["cdktf", "cdktf/*", "@cdktf/*", "**/cli/**"]),
  oneWay(["cli/**/*.ts"], ["cdktf", "@cdktf/*", "**/runtime/api/**", "**/runtime/stages/**", "**/runtime/store/**", "**/runtime/queue/**"]),
);
