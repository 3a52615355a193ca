import { readFile, stat } from "node:fs/promises";
import { ExitCode } from "../contract";
import { failed, ok, warning } from "./check";
import type { Check, Outcome, PreflightContext } from "./check";
import { parseMountInfo, volumeNameOf } from "./mount-info";
import type { Mount } from "./mount-info";
import { writeProbe } from "./write-probe";

/** What the check sees of the login volume. */
export interface VolumeSighting {
  /** Undefined when nothing is mounted at the path. */
  readonly mount: Mount | undefined;
  readonly exists: boolean;
  readonly uid: number | undefined;
  /** Error code of a write, undefined when it worked. */
  readonly writeError: string | undefined;
}

export interface VolumeExpectation {
  readonly name: string;
  readonly path: string;
  /** CODEX_HOME of the container, where `codex login` in the container writes. */
  readonly codexHome: string | undefined;
  readonly uid: number;
  readonly engine: "docker" | "local";
}

/** The login is in the configured volume, at the path Codex uses, and Codex can refresh it there. */
export const authVolumeCheck: Check = {
  id: "auth.volume",
  what: "the login volume is mounted at CODEX_VOLUME_PATH, writable, owned by the worker",
  workers: ["codex"],
  refuses: [ExitCode.CONFIGURATION],
  fix: "`codex.volume_name` and `codex.volume_path` of the environment, then `codex-fleet up`; a volume of another owner: `chown -R 1000` its content",
  run: async (context) => {
    const { CODEX_VOLUME_NAME: name, CODEX_VOLUME_PATH: path, FLEET_ENGINE: engine } = context.config;
    const uid = process.getuid?.() ?? 0;
    return judgeVolume({ name, path, codexHome: context.environment["CODEX_HOME"], uid, engine }, await seeVolume(path, context));
  },
};

export function judgeVolume(wanted: VolumeExpectation, seen: VolumeSighting): Outcome {
  const expected = `volume ${wanted.name} at ${wanted.path}, writable, owned by uid ${wanted.uid}`;
  const facts = {
    authVolume: {
      volumeName: wanted.name,
      volumePath: wanted.path,
      mounted: seen.mount !== undefined,
      writable: seen.writeError === undefined,
    },
  };
  const bad = (found: string, fix: string) => failed(found, expected, fix, facts);
  const mountIt = `mount the volume ${wanted.name} at ${wanted.path} (codex.volume_name and codex.volume_path of the environment), then replace the worker: codex-fleet up`;

  if (wanted.codexHome !== undefined && wanted.codexHome !== wanted.path) {
    return bad(
      `CODEX_HOME is ${wanted.codexHome}, CODEX_VOLUME_PATH is ${wanted.path}`,
      "make them equal: codex login writes to CODEX_HOME, the worker reads CODEX_VOLUME_PATH",
    );
  }
  if (wanted.engine === "docker") {
    if (seen.mount === undefined) return bad(`nothing is mounted at ${wanted.path}: a login would be lost with the container`, mountIt);
    if (seen.mount.fileSystem === "tmpfs") return bad(`${wanted.path} is a tmpfs: a login would be lost with the container`, mountIt);
    const name = volumeNameOf(seen.mount);
    if (name !== undefined && name !== wanted.name) return bad(`the volume ${name} is mounted at ${wanted.path}`, mountIt);
    if (seen.mount.readOnly)
      return bad(
        `${wanted.path} is mounted read-only: Codex could not save a refreshed login, and the old one would be invalid`,
        "mount it writable",
      );
  }
  if (!seen.exists) return bad(`${wanted.path} does not exist`, wanted.engine === "docker" ? mountIt : `mkdir -m 0700 ${wanted.path}`);
  if (seen.uid !== wanted.uid)
    return bad(
      `${wanted.path} belongs to uid ${seen.uid ?? "?"}`,
      `chown -R ${wanted.uid} the volume's content, as root of the engine's host or in a container with the volume`,
    );
  if (seen.writeError !== undefined)
    return bad(`${wanted.path} cannot be written (${seen.writeError})`, "mount it writable, on a file system with room");
  if (wanted.engine === "local")
    return warning(`${wanted.path}, a directory of this host`, expected, "FLEET_ENGINE=local: its mount is not checked", facts);
  return ok(`volume ${volumeNameOf(seen.mount!) ?? wanted.name} at ${wanted.path}`, expected, facts);
}

async function seeVolume(path: string, context: PreflightContext): Promise<VolumeSighting> {
  const mounts = parseMountInfo(await readFile("/proc/self/mountinfo", "utf8").catch(() => ""));
  const found = await stat(path).catch(() => undefined);
  return {
    mount: mounts.findLast((mount) => mount.mountPoint === path),
    exists: found?.isDirectory() === true,
    uid: found?.uid,
    writeError: context.cheap ? undefined : await writeProbe(path),
  };
}
