// Reads the pinned versions from the lockfiles, for the build of the image and for the construct that declares the build.

/** @param {{codex: string, gemini: string, python: string}} locks texts of package-lock.json (twice) and requirements.txt */
function parsePins(locks) {
  const codex = new Set(
    Object.entries(JSON.parse(locks.codex).packages)
      .filter(([, entry]) => entry.name === "@openai/codex")
      .map(([, entry]) => entry.version.replace(/-linux-(x64|arm64)$/, "")),
  );
  if (codex.size !== 1)
    throw new Error(
      `codex/package-lock.json must pin one version of @openai/codex for all platforms, found ${[...codex].join(", ") || "none"}`,
    );
  const gemini = JSON.parse(locks.gemini).packages["node_modules/@google/gemini-cli"]?.version;
  if (gemini === undefined) throw new Error("gemini/package-lock.json does not pin @google/gemini-cli");
  return { codex: [...codex][0], gemini, specify: pythonPin(locks.python, "specify-cli"), celery: pythonPin(locks.python, "celery") };
}

function pythonPin(requirements, name) {
  const version = new RegExp(`^${name}==([^\\s;\\\\]+)`, "m").exec(requirements)?.[1];
  if (version === undefined) throw new Error(`python/requirements.txt does not pin ${name}`);
  return version;
}

module.exports = { parsePins };
