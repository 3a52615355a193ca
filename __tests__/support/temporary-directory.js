const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** Tests make their directories below one of the run, which goes with it. Jest runs no exit handlers of the code it tests. */
module.exports = () => {
  const directory = mkdtempSync(join(tmpdir(), "codex-fleet-unit-"));
  process.env.TMPDIR = directory;
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
};
