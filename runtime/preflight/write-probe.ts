import { rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Creates and removes a file in a directory: undefined when that works, else the error's code. */
export async function writeProbe(directory: string): Promise<string | undefined> {
  const file = join(directory, `.write-probe.${hostname()}.${process.pid}`);
  try {
    await writeFile(file, "", { flag: "wx", mode: 0o600 });
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}
