import { decideOverlay, OVERLAY_MARKER, planOverlay } from "../../../cli/up/local-overlay";
import type { MachineFacts } from "../../../cli/up/machine-facts";

const NOTHING: MachineFacts["network"] = { bridgeMtu: undefined, uplinkMtu: undefined, caBundle: undefined };
const NOT_SET = { network: "default", caBundle: undefined };
const postgres = (source: "local" | "registry" | "absent", reference = "postgres:17") =>
  ({ key: "postgres", reference, source, problem: undefined, standIn: "codex-fleet/postgres:17" }) as const;

test.each<[string, Parameters<typeof decideOverlay>, ReturnType<typeof decideOverlay>["values"]]>([
  [
    "an image in a registry, a bridge that fits",
    [{ images: [postgres("registry")], network: { ...NOTHING, bridgeMtu: 1400, uplinkMtu: 1400 } }, NOT_SET],
    {},
  ],
  ["an image that is present", [{ images: [postgres("local")], network: NOTHING }, NOT_SET], {}],
  [
    "an image nobody has",
    [{ images: [postgres("absent")], network: NOTHING }, NOT_SET],
    { images: { postgres: "codex-fleet/postgres:17" } },
  ],
  ["a stand-in that has to be made", [{ images: [postgres("absent", "codex-fleet/postgres:17")], network: NOTHING }, NOT_SET], {}],
  [
    "a bridge larger than the uplink",
    [{ images: [], network: { ...NOTHING, bridgeMtu: 1500, uplinkMtu: 1400 } }, NOT_SET],
    { build: { network: "host" } },
  ],
  [
    "the same, set already",
    [
      { images: [], network: { ...NOTHING, bridgeMtu: 1500, uplinkMtu: 1400 } },
      { ...NOT_SET, network: "host" },
    ],
    {},
  ],
  ["certificates of its own", [{ images: [], network: { ...NOTHING, caBundle: "/ca.crt" } }, NOT_SET], { build: { ca_bundle: "/ca.crt" } }],
  [
    "the same, set already",
    [
      { images: [], network: { ...NOTHING, caBundle: "/ca.crt" } },
      { ...NOT_SET, caBundle: "/other.crt" },
    ],
    {},
  ],
])("%s", (_what, [facts, set], values) => {
  expect(decideOverlay(facts, set).values).toEqual(values);
});

const HOST = { values: { build: { network: "host" } }, reasons: ["because"] };
const WRITTEN = `${OVERLAY_MARKER}\n# because\n\n[build]\nnetwork = "host"\n`;

test("nothing to say: no file", () => {
  expect(planOverlay(undefined, { values: {}, reasons: [] })).toEqual({ kind: "unchanged" });
});

test("a new file says who wrote it and why", () => {
  expect(planOverlay(undefined, HOST)).toEqual({ kind: "write", text: WRITTEN });
});

test("what it says already is not written again", () => {
  expect(planOverlay(WRITTEN, HOST)).toEqual({ kind: "unchanged" });
  expect(planOverlay(WRITTEN, { values: {}, reasons: [] })).toEqual({ kind: "unchanged" });
});

test("an own file is extended", () => {
  expect(planOverlay(WRITTEN, { values: { images: { base: "x" } }, reasons: ["also this"] })).toEqual({
    kind: "write",
    text: `${OVERLAY_MARKER}\n# because\n# also this\n\n[build]\nnetwork = "host"\n\n[images]\nbase = "x"\n`,
  });
});

test("a file of the operator's is never written", () => {
  const theirs = "# mine\n[images]\nbase = 'theirs'\n";
  expect(planOverlay(theirs, HOST)).toEqual({ kind: "refused", lines: '[build]\nnetwork = "host"\n' });
  expect(planOverlay("[build]\nnetwork = 'host'\n", HOST)).toEqual({ kind: "unchanged" });
});
