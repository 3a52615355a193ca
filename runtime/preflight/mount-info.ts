/** One line of /proc/self/mountinfo. */
export interface Mount {
  readonly mountPoint: string;
  /** Path inside the file system that is mounted; of a Docker volume it ends in `/volumes/<name>/_data`. */
  readonly root: string;
  readonly fileSystem: string;
  readonly readOnly: boolean;
}

/** The mounts a process sees, in the order they were made; the last one of a path is the visible one. */
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

/** Name of the Docker volume behind a mount; undefined where its driver does not show it. */
export function volumeNameOf(mount: Mount): string | undefined {
  return /\/volumes\/([^/]+)\/_data$/.exec(mount.root)?.[1];
}

/** Blanks and backslashes are written in octal. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
