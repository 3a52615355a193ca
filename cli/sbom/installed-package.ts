/** A package that is installed in an image. */
export interface InstalledPackage {
  readonly kind: "deb" | "npm" | "pypi" | "program";
  readonly name: string;
  readonly version: string;
  /** Debian's name of the architecture the package was built for. */
  readonly architecture?: string;
  /** Licence as the package states it. */
  readonly license?: string;
  readonly sha256?: string;
}

/** Files of an image that list its contents: text by absolute path. */
export type ImageRecords = ReadonlyMap<string, string>;

/** Patterns of `find -path` for those files. */
export const RECORD_PATHS = [
  "/usr/lib/os-release",
  "/var/lib/dpkg/status",
  "*.dist-info/METADATA",
  "*/node_modules/*/package.json",
  "/opt/fleet/gemini/package.json",
  "/opt/fleet/tooling.json",
] as const;

/** All packages of an image, each once, sorted. */
export function installedPackages(records: ImageRecords): InstalledPackage[] {
  const found = [...records].flatMap(([path, text]): InstalledPackage[] => {
    if (path === "/var/lib/dpkg/status") return debianPackages(text);
    if (path === "/opt/fleet/tooling.json") return programs(text);
    if (path.endsWith(".dist-info/METADATA")) return pythonPackage(text);
    if (path === "/opt/fleet/gemini/package.json" || /\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      return nodePackage(text);
    return [];
  });
  const byIdentity = new Map(found.map((each) => [[each.kind, each.name, each.version, each.architecture].join(" "), each]));
  return [...byIdentity].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each);
}

/** `ID` and `VERSION_ID` of the distribution: `debian-13`. */
export function distribution(records: ImageRecords): string | undefined {
  const fields = new Map(
    (records.get("/usr/lib/os-release") ?? "")
      .split("\n")
      .map((line) => [line.split("=")[0]!, line.replace(/^[^=]*=/, "").replace(/"/g, "")]),
  );
  const id = fields.get("ID");
  return id === undefined ? undefined : [id, fields.get("VERSION_ID")].filter((part) => part !== undefined).join("-");
}

function debianPackages(status: string): InstalledPackage[] {
  return status.split(/\n\n+/).flatMap((entry) => {
    const { Package: name, Version: version, Architecture: architecture, Status: state } = headers(entry);
    if (name === undefined || version === undefined || state !== "install ok installed") return [];
    return [{ kind: "deb" as const, name, version, ...(architecture === undefined ? {} : { architecture }) }];
  });
}

function pythonPackage(metadata: string): InstalledPackage[] {
  const fields = headers(metadata.split(/\r?\n\r?\n/)[0]!);
  const { Name: name, Version: version } = fields;
  const license = fields["License-Expression"];
  return name === undefined || version === undefined
    ? []
    : [{ kind: "pypi", name, version, ...(license === undefined ? {} : { license }) }];
}

function nodePackage(text: string): InstalledPackage[] {
  const { name, version, license } = JSON.parse(text) as { name?: unknown; version?: unknown; license?: unknown };
  // A package may contain more files named package.json, which only set the module type of a directory.
  if (typeof name !== "string" || typeof version !== "string") return [];
  return [{ kind: "npm", name, version, ...(typeof license === "string" ? { license } : {}) }];
}

/** Programs in the image's tooling record. Codex is the binary of an npm package, without the package's other files. */
function programs(text: string): InstalledPackage[] {
  const { tools } = JSON.parse(text) as { tools: Record<string, { version: string; sha256: string }> };
  return Object.entries(tools).map(([name, { version, sha256 }]) =>
    name === "codex" ? { kind: "npm", name: "@openai/codex", version, sha256 } : { kind: "program", name, version, sha256 },
  );
}

/** Fields of a paragraph in the format of mail headers, with the first line of each value. */
function headers(paragraph: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries([...paragraph.matchAll(/^([A-Za-z-]+): *(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!]).reverse());
}
