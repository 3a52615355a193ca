const shared = {
  testEnvironment: "node",
  // execa's exit listeners stay on the process across test files.
  testEnvironmentOptions: { globalsCleanup: "off" },
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/dist"],
  transform: {
    "^.+\\.(m?[jt]s)$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }],
  },
  // The entry of unicorn-magic for Node has no `require` condition.
  moduleNameMapper: { "^unicorn-magic$": "<rootDir>/node_modules/unicorn-magic/node.js" },
  // These packages ship ES modules only and are transformed; all others are loaded as they are.
  transformIgnorePatterns: [
    "/node_modules/(?!(proxy-chain|socks-proxy-agent|agent-base|@octokit|universal-user-agent|before-after-hook|fast-content-type-parse|kysely|execa|human-signals|npm-run-path|path-key|strip-final-newline|unicorn-magic|is-stream|is-plain-obj|is-unicode-supported|pretty-ms|parse-ms|figures|get-stream|@sindresorhus|@sec-ant|yoctocolors|cross-spawn)/)",
  ],
};

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/__tests__/unit/**/*.test.ts"],
      globalSetup: "<rootDir>/__tests__/support/temporary-directory.js",
    },
    { ...shared, displayName: "integration", testMatch: ["<rootDir>/__tests__/integration/**/*.test.ts"] },
    { ...shared, displayName: "e2e", testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"] },
  ],
};
