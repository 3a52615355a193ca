/** One line of /proc/self/mountinfo. */
export interface Mount {
  readonly mountPoint: string;
  /** Mounted path inside its file system; for a Docker volume it ends in `/volumes/<name>/_data`. */
  readonly root: string;
  readonly fileSystem: string;
  readonly readOnly: boolean;
}

/** The mounts a process sees, in mount order; the last one on a path is the visible one. */
export function parseMountInfo(text: string): Mount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [before, after] = line.split(" - ", 2);
      const [, , , root, mountPoint, options] = before!.split(" ");
      const [fileSystem, , superOptions] = (after ?? "").split(" ");
      const readOnly = options!.split(",").includes("ro") || (superOptions ?? "").split(",").includes("ro");
      return { mountPoint: unescape(mountPoint!), root: unescape(root!), fileSystem: fileSystem ?? "", readOnly };
    });
}

/** Name of the mounted Docker volume; undefined when the path does not show it, as with other volume drivers. */
export function volumeNameOf(mount: Mount): string | undefined {
  return /\/volumes\/([^/]+)\/_data$/.exec(mount.root)?.[1];
}

/** The kernel writes blanks and backslashes in octal. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
