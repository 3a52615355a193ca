import { statSync } from "node:fs";
import { join } from "node:path";
import { readCodexLogin } from "../preflight";

/** Watches whether CODEX_HOME/auth.json holds a login Codex can use. */
export class LoginWatch {
  private readonly file: string;
  private seen = "";
  private present = false;

  constructor(private readonly codexHome: string) {
    this.file = join(codexHome, "auth.json");
  }

  /** Reads the file only when it has changed since the last look. */
  async look(): Promise<boolean> {
    const found = statSync(this.file, { throwIfNoEntry: false, bigint: true });
    const identity = found === undefined ? "absent" : `${found.ino} ${found.size} ${found.mtimeNs}`;
    if (identity !== this.seen) {
      const { kind } = await readCodexLogin(this.codexHome);
      this.present = kind === "chatgpt" || kind === "api_key";
      this.seen = identity;
    }
    return this.present;
  }
}
