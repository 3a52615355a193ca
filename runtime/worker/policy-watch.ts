import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkCodexConfig, decodeCodexConfig } from "../contract";
import { refusalText } from "../preflight";

/** Whether CODEX_HOME/config.toml still holds the managed settings; null when it does, else what is wrong, in words. */
export class PolicyWatch {
  private readonly file: string;
  private seen = "";
  private problem: string | null = null;

  constructor(private readonly codexHome: string) {
    this.file = join(codexHome, "config.toml");
  }

  /** Reads the file only when it is another one than at the last look: Codex and operators may change what is theirs. */
  look(): string | null {
    const found = statSync(this.file, { throwIfNoEntry: false, bigint: true });
    const identity = found === undefined ? "absent" : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
    if (identity === this.seen) return this.problem;
    this.problem = found === undefined ? `${this.file} is gone` : this.read();
    this.seen = identity;
    return this.problem;
  }

  private read(): string | null {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.file);
    } catch (error) {
      return `${this.file} cannot be read (${(error as NodeJS.ErrnoException).code})`;
    }
    const decoded = decodeCodexConfig(bytes);
    if (!decoded.ok) return refusalText(this.codexHome, decoded.refusal);
    const check = checkCodexConfig(decoded.text);
    if (check.ok) return null;
    if (check.refusal !== null) return refusalText(this.codexHome, check.refusal);
    return `${this.file}: ${check.differing.map(({ key, from, to }) => `${key} is ${from ?? "not set"}, must be ${to}`).join(", ")}`;
  }
}
