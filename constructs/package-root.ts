import { existsSync } from "node:fs";
import path from "node:path";

/** Root of this package, with assets/ and dist/runtime/, both in a checkout and in an installed package. */
export function packageRoot(): string {
  for (let directory = __dirname; ; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, "package.json"))) return directory;
    if (directory === path.dirname(directory)) throw new Error(`no package.json above ${__dirname}; reinstall the package`);
  }
}
