import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { lockProblems } from "../../cli/pins/check-locks";
import { copyPins, pinsOf, updatePins } from "../../cli/pins/update-pins";
import { PIN_FILES } from "../../constructs/tool-pins";

/** Pins raised with the real npm and uv, from their registries. */

const own = path.join(__dirname, "../../assets/worker");
const directory = mkdtempSync(path.join(tmpdir(), "fleet-pins-test-"));
const read = (file: string): string => readFileSync(path.join(directory, file), "utf8");

jest.setTimeout(5 * 60_000);
beforeEach(() => copyPins(own, directory));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("tools change to the wanted versions, locked for both architectures, the others stay", async () => {
  const before = pinsOf(directory);
  const outcome = await updatePins(directory, [
    { tool: "codex", version: "0.166.0" },
    { tool: "celery", version: "5.6.2" },
  ]);
  expect(outcome).toEqual({ before, after: { ...before, codex: "0.166.0", celery: "5.6.2" } });
  expect(pinsOf(directory)).toEqual(outcome.after);
  expect(
    lockProblems({
      codex: read("codex/package-lock.json"),
      gemini: read("gemini/package-lock.json"),
      python: read("python/requirements.txt"),
    }),
  ).toEqual([]);
  expect(read("gemini/package-lock.json")).toBe(readFileSync(path.join(own, "gemini/package-lock.json"), "utf8"));
});

test.each([
  ["codex" as const, "9.9.9", "codex/package-lock.json does not pin Codex for linux-arm64: is this version published for it?"],
  ["celery" as const, "999.0.0", "locking python failed, nothing was changed: "],
])("a version of %s nobody published leaves everything as it was", async (tool, version, message) => {
  const before = PIN_FILES.map(read);
  await expect(updatePins(directory, [{ tool, version }])).rejects.toThrow(message);
  expect(PIN_FILES.map(read)).toEqual(before);
});
