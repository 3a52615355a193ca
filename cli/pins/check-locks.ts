/** Texts of the lockfiles. */
export interface Locks {
  readonly codex: string;
  readonly gemini: string;
  readonly python: string;
}

interface NpmLock {
  readonly packages: Readonly<
    Record<string, { readonly integrity?: string; readonly resolved?: string; readonly bundled?: boolean; readonly inBundle?: boolean }>
  >;
}

const CODEX_PLATFORMS = ["linux-arm64", "linux-x64"];

/** Why lockfiles cannot be used for builds on amd64 and arm64: packages without a digest, missing platforms. */
export function lockProblems(locks: Locks): string[] {
  return [
    ...npmProblems("codex/package-lock.json", locks.codex),
    ...npmProblems("gemini/package-lock.json", locks.gemini),
    ...CODEX_PLATFORMS.filter((platform) => packagesOf(locks.codex)[`node_modules/codex-${platform}`] === undefined).map(
      (platform) => `codex/package-lock.json does not pin Codex for ${platform}: is this version published for it?`,
    ),
    ...pythonProblems(locks.python),
  ];
}

function packagesOf(lock: string): NpmLock["packages"] {
  return (JSON.parse(lock) as NpmLock).packages;
}

function npmProblems(file: string, lock: string): string[] {
  const packages = Object.entries(packagesOf(lock)).filter(([path]) => path !== "");
  return packages.flatMap(([path, { integrity, resolved, inBundle }]) => {
    const name = path.replace(/^.*node_modules\//, "");
    return [
      ...(inBundle === true || integrity?.startsWith("sha512-") === true ? [] : [`${file} has no sha512 digest of ${name}`]),
      ...(resolved === undefined ? [] : [`${file} names an address for ${name}: locks hold digests, each machine its registry`]),
    ];
  });
}

function pythonProblems(lock: string): string[] {
  const file = "python/requirements.txt";
  const requirements = lock.split(/\n(?=\S)/).filter((entry) => !entry.startsWith("#") && entry.trim() !== "");
  return requirements
    .filter((entry) => !entry.includes("--hash=sha256:"))
    .map((entry) => `${file} has no sha256 digest of ${entry.split(/[\s;]/)[0]!}`);
}
