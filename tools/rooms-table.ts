import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
// eslint-disable-next-line @typescript-eslint/no-require-imports
const configuration = require("../eslint.config.js") as { rules?: Record<string, unknown> }[];

interface Policy {
  readonly from?: { readonly element: { readonly type: string } };
  readonly allow: { readonly to: { readonly element?: { readonly types: { readonly anyOf: readonly string[] } } } };
}

/** The table of allowed imports, as ESLint's configuration has it. */
export function roomsTable(): string {
  const rule = configuration.map(({ rules }) => rules?.["boundaries/dependencies"]).find(Boolean) as [string, { policies: Policy[] }];
  const rows = rule[1].policies.flatMap(({ from, allow }) => {
    const room = from?.element.type;
    if (room === undefined) return [];
    const others = allow.to.element!.types.anyOf.filter((other) => other !== room);
    return [`${room.padEnd(18)} <- ${wrapped(others.join(", ") || "nothing of ours")}`];
  });
  return rows.join("\n");
}

function wrapped(text: string): string {
  return text.replace(/(.{60,85}), /g, `$1,\n${" ".repeat(22)}`);
}

/** Replaces the table between its marks in a page. */
export function withRoomsTable(page: string): string {
  return page.replace(/(<!-- rooms -->\n)[\s\S]*(<!-- \/rooms -->)/, (_, begin: string, end: string) =>
    [begin, "```", roomsTable(), "```", "", end].join("\n"),
  );
}

// When run as a program: writes the table into CONTRIBUTING.md.
if (require.main === module) {
  const file = path.join(__dirname, "../CONTRIBUTING.md");
  writeFileSync(file, withRoomsTable(readFileSync(file, "utf8")));
}
