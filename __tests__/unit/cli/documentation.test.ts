import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fleetProgram } from "../../../cli/program";

/** Files that the pages link to and commands that they name exist. */

const root = path.join(__dirname, "../../..");
const pages = ["README.md", "CONTRIBUTING.md", ...readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`)].filter((page) =>
  page.endsWith(".md"),
);
const textOf = (page: string) => readFileSync(path.join(root, page), "utf8");

test.each(pages)("every link of %s leads somewhere", (page) => {
  const targets = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map((match) => match[1]!);
  expect(targets.filter((target) => !existsSync(path.join(root, path.dirname(page), target)))).toEqual([]);
});

test("every command the pages name exists", () => {
  const commands = new Map(fleetProgram().commands.map((command) => [command.name(), command.commands.map((inner) => inner.name())]));
  const named = pages.flatMap((page) =>
    [...textOf(page).matchAll(/(?:codex-fleet|npm run -s fleet --) ([a-z-]+)(?: ([a-z-]+))?/g)].map(([, name, inner]) => ({
      page,
      name: name!,
      inner,
    })),
  );
  expect(named.length).toBeGreaterThan(10);
  const wrong = named.filter(({ name, inner }) => {
    const inside = commands.get(name);
    return inside === undefined || (inside.length > 0 && !inside.includes(inner!));
  });
  expect(wrong).toEqual([]);
});
