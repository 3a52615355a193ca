import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stackDirectory, synthesize } from "../../../../cli/terraform/synthesis";
import { ResourceNames } from "../../../../constructs/resource-names";

const root = mkdtempSync(path.join(tmpdir(), "synthesis-"));
const environment = { name: "lab", names: new ResourceNames("lab"), project: { root, environments: path.join(root, "environments") } };
const configure = (configuration: object) => writeFileSync(path.join(root, "cdktf.json"), JSON.stringify(configuration));

/** A program that writes stacks as cdktf does. */
const program = (...stacks: readonly string[]) =>
  [
    'mkdir -p "$CDKTF_OUTDIR"',
    ...stacks.map((stack) => `mkdir -p "$CDKTF_OUTDIR/stacks/${stack}" && echo '{}' > "$CDKTF_OUTDIR/stacks/${stack}/cdk.tf.json"`),
    `echo '{"stacks":{"lab":{"annotations":[{"constructPath":"lab/A","level":"@cdktf/warn","message":"old"},{"constructPath":"lab/A","level":"@cdktf/info","message":"x"}]}}}' > "$CDKTF_OUTDIR/manifest.json"`,
    'printf "%s %s" "$FLEET_ENVIRONMENTS" "$CDKTF_CONTEXT_JSON" > said',
  ].join(" && ");

afterAll(() => rmSync(root, { recursive: true }));

test("the program of cdktf.json is run as cdktf runs it, for one environment", async () => {
  configure({ app: program("lab", "lab-data"), output: "out", context: { team: "a" } });
  expect(await synthesize(environment)).toEqual({
    data: path.join(root, "out/stacks/lab-data"),
    fleet: path.join(root, "out/stacks/lab"),
    warnings: ["lab/A: old"],
  });
  expect(readFileSync(path.join(root, "said"), "utf8")).toBe('lab {"team":"a"}');
});

test("files of an earlier synthesis do not count as this one's", async () => {
  const old = path.join(stackDirectory(environment, "lab"), "cdk.tf.json");
  mkdirSync(path.dirname(old), { recursive: true });
  writeFileSync(old, "{}");
  configure({ app: program("lab-data"), output: "out" });
  await expect(synthesize(environment)).rejects.toThrow(/wrote no stack lab: it has to declare a FleetStack with the id "lab"$/);
  expect(existsSync(old)).toBe(false);
});

test.each([
  [{ app: "echo broken >&2; exit 3" }, "the program of cdktf.json did not synthesize (echo broken >&2; exit 3):\nbroken"],
  [{}, `${path.join(root, "cdktf.json")}: app is undefined, must be the command that synthesizes, for example "npx tsx main.ts"`],
])("%j", async (configuration, message) => {
  configure(configuration);
  await expect(synthesize(environment)).rejects.toThrow(message);
});
