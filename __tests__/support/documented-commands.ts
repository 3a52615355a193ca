import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A page and the commands a reader is told to type, in order. */
export interface DocumentedPage {
  readonly page: string;
  readonly commands: readonly string[];
}

/**
 * The README and the pages of docs/ that have `sh` blocks. Commands that ask a person or need an account are in `console`
 * blocks, which are not included.
 */
export function documentedPages(checkout: string): DocumentedPage[] {
  const docs = readdirSync(join(checkout, "docs")).filter((file) => file.endsWith(".md"));
  return ["README.md", ...docs.sort().map((file) => `docs/${file}`)]
    .map((page) => ({ page, commands: commandsIn(readFileSync(join(checkout, page), "utf8")) }))
    .filter(({ commands }) => commands.length > 0);
}

/** Commands of a page's `sh` blocks, one per line; a line that ends with a backslash continues. */
export function commandsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
    .flatMap(([, block]) => block!.replace(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/\s+#\s.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
