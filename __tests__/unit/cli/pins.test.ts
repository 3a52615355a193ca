import { readFileSync } from "node:fs";
import path from "node:path";
import { lockProblems } from "../../../cli/pins/check-locks";
import type { Locks } from "../../../cli/pins/check-locks";
import { parseWantedPin, raiseDockerfile, raiseManifest } from "../../../cli/pins/pinned-tool";

describe("parseWantedPin", () => {
  test.each([
    ["codex", { tool: "codex", version: undefined }],
    ["gemini@0.61.0", { tool: "gemini", version: "0.61.0" }],
    ["celery@5.7.0rc1", { tool: "celery", version: "5.7.0rc1" }],
    ["speckit@1.2.3", { tool: "specify", version: "1.2.3" }],
  ])("%s", (argument, wanted) => {
    expect(parseWantedPin(argument)).toEqual(wanted);
  });

  test.each([
    ["node@24.0.0", 'no tool "node"; there are codex, gemini, specify, celery'],
    ["codex@latest", 'the version of a tool must be exact, such as codex@1.2.3, got "codex@latest"'],
    ["codex@", 'the version of a tool must be exact, such as codex@1.2.3, got "codex@"'],
    ["codex@1.2.3@4", 'the version of a tool must be exact, such as codex@1.2.3, got "codex@1.2.3@4"'],
  ])("refuses %s", (argument, message) => {
    expect(() => parseWantedPin(argument)).toThrow(message);
  });
});

describe("raiseManifest", () => {
  test("Codex on both architectures", () => {
    const manifest = (version: string): string =>
      `${JSON.stringify(
        {
          private: true,
          optionalDependencies: {
            "codex-linux-arm64": `npm:@openai/codex@${version}-linux-arm64`,
            "codex-linux-x64": `npm:@openai/codex@${version}-linux-x64`,
            other: "npm:other@1.0.0-linux-x64",
          },
        },
        null,
        2,
      )}\n`;
    expect(raiseManifest(manifest("1.2.3"), "codex", "2.0.0-beta.1")).toBe(manifest("2.0.0-beta.1"));
  });

  test("Gemini", () => {
    expect(JSON.parse(raiseManifest('{"dependencies":{"@google/gemini-cli":"1.0.0","x":"1.0.0"}}', "gemini", "2.0.0"))).toEqual({
      dependencies: { "@google/gemini-cli": "2.0.0", x: "1.0.0" },
    });
  });

  test("one Python package and no other", () => {
    expect(raiseManifest("celery==5.7.0\ncelery-types==5.7.0\nspecify-cli==1.2.3\n", "celery", "6.0.0")).toBe(
      "celery==6.0.0\ncelery-types==5.7.0\nspecify-cli==1.2.3\n",
    );
  });
});

test("the Dockerfile's defaults become the pins", () => {
  expect(
    raiseDockerfile("ARG CODEX_VERSION=1\nARG VERSION=0.0.0\nARG CELERY_VERSION=2\n", {
      codex: "3",
      gemini: "4",
      specify: "5",
      celery: "6",
    }),
  ).toBe("ARG CODEX_VERSION=3\nARG VERSION=0.0.0\nARG CELERY_VERSION=6\n");
});

describe("lockProblems", () => {
  const worker = path.join(__dirname, "../../../assets/worker");
  const read = (file: string): string => readFileSync(path.join(worker, file), "utf8");
  const own: Locks = {
    codex: read("codex/package-lock.json"),
    gemini: read("gemini/package-lock.json"),
    python: read("python/requirements.txt"),
  };

  test("the package's own locks hold digests for amd64 and arm64", () => {
    expect(lockProblems(own)).toEqual([]);
    const { packages } = JSON.parse(own.codex) as { packages: Record<string, { cpu?: string[]; integrity?: string }> };
    expect(
      Object.entries(packages).flatMap(([name, { cpu, integrity }]) => (name === "" ? [] : [[name, cpu, integrity!.length > 80]])),
    ).toEqual([
      ["node_modules/codex-linux-arm64", ["arm64"], true],
      ["node_modules/codex-linux-x64", ["x64"], true],
    ]);
  });

  const changed = (lock: string, change: (packages: Record<string, Record<string, unknown>>) => void): string => {
    const parsed = JSON.parse(lock) as { packages: Record<string, Record<string, unknown>> };
    change(parsed.packages);
    return JSON.stringify(parsed);
  };
  test.each<[what: string, locks: Partial<Locks>, problem: string]>([
    [
      "an architecture left out",
      { codex: changed(own.codex, (packages) => delete packages["node_modules/codex-linux-arm64"]) },
      "codex/package-lock.json does not pin Codex for linux-arm64: is this version published for it?",
    ],
    [
      "a digest left out",
      { codex: changed(own.codex, (packages) => delete packages["node_modules/codex-linux-x64"]!["integrity"]) },
      "codex/package-lock.json has no sha512 digest of codex-linux-x64",
    ],
    [
      "an address",
      {
        gemini: changed(own.gemini, (packages) => (packages["node_modules/@google/gemini-cli"]!["resolved"] = "https://mirror.example/x")),
      },
      "gemini/package-lock.json names an address for @google/gemini-cli: locks hold digests, each machine its registry",
    ],
    [
      "a Python package without a digest",
      { python: `${own.python}celery-extra==1.0.0\n` },
      "python/requirements.txt has no sha256 digest of celery-extra==1.0.0",
    ],
  ])("finds %s", (_what, locks, problem) => {
    expect(lockProblems({ ...own, ...locks })).toEqual([problem]);
  });
});
