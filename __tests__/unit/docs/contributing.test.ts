import { readFileSync } from "node:fs";
import path from "node:path";
import { withRoomsTable } from "../../../tools/rooms-table";

const page = readFileSync(path.join(__dirname, "../../../CONTRIBUTING.md"), "utf8");

test("CONTRIBUTING prints the imports ESLint allows (npm run rooms)", () => {
  expect(page).toBe(withRoomsTable(page));
  expect([...page.matchAll(/^cli\/commands +<- /gm)]).toHaveLength(1);
});
