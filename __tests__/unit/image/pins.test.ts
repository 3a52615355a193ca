import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const worker = join(__dirname, "../../../assets/worker");

const { parsePins } = createRequire(__filename)(join(worker, "build/pins.cjs")) as {
  parsePins(locks: { codex: string; gemini: string; python: string }): Record<string, string>;
};

const LOCKS = {
  codex: JSON.stringify({
    packages: {
      "": {},
      "node_modules/codex-linux-x64": { name: "@openai/codex", version: "1.2.3-linux-x64" },
      "node_modules/codex-linux-arm64": { name: "@openai/codex", version: "1.2.3-linux-arm64" },
    },
  }),
  gemini: JSON.stringify({ packages: { "node_modules/@google/gemini-cli": { version: "4.5.6" } } }),
  python: "celery==5.7.0 \\\n    --hash=sha256:00\ncelery-types==1.0.0\nspecify-cli==1.2.3 ; python_version > '3'\n",
};

describe("parsePins", () => {
  it("reads the versions out of the lockfiles", () => {
    expect(parsePins(LOCKS)).toEqual({ codex: "1.2.3", gemini: "4.5.6", specify: "1.2.3", celery: "5.7.0" });
  });

  it.each([
    ["no codex", { ...LOCKS, codex: '{"packages":{}}' }, "must pin one version of @openai/codex for all platforms, found none"],
    ["two versions of codex", { ...LOCKS, codex: LOCKS.codex.replace("1.2.3-linux-arm64", "1.2.4-linux-arm64") }, "found 1.2.3, 1.2.4"],
    ["no gemini", { ...LOCKS, gemini: '{"packages":{}}' }, "does not pin @google/gemini-cli"],
    ["no celery", { ...LOCKS, python: "specify-cli==1.2.3\n" }, "does not pin celery"],
  ])("names what is missing: %s", (_name, locks, message) => {
    expect(() => parsePins(locks)).toThrow(message);
  });
});

describe("the Dockerfile", () => {
  it("names the versions of its lockfiles as defaults, which become the labels", () => {
    const read = (file: string): string => readFileSync(join(worker, file), "utf8");
    const pins = parsePins({
      codex: read("codex/package-lock.json"),
      gemini: read("gemini/package-lock.json"),
      python: read("python/requirements.txt"),
    });
    const defaults = [...read("Dockerfile").matchAll(/^ARG (\w+)_VERSION=(\S+)$/gm)].map(([, tool, version]) => [
      tool!.toLowerCase(),
      version,
    ]);
    expect(Object.fromEntries(defaults)).toEqual(pins);
  });

  it("has lockfiles with digests and without addresses", () => {
    for (const tool of ["codex", "gemini"]) {
      const { packages } = JSON.parse(readFileSync(join(worker, tool, "package-lock.json"), "utf8")) as {
        packages: Record<string, { integrity?: string; resolved?: string }>;
      };
      const entries = Object.entries(packages).filter(([path]) => path !== "");
      expect(entries.filter(([, { integrity, resolved }]) => !integrity?.startsWith("sha512-") || resolved !== undefined)).toEqual([]);
      expect(entries.length).toBeGreaterThan(0);
    }
    const requirements = readFileSync(join(worker, "python/requirements.txt"), "utf8")
      .split(/\n(?=\S)/)
      .filter((line) => !line.startsWith("#"));
    expect(requirements.filter((line) => !line.includes("--hash=sha256:"))).toEqual([]);
  });
});
