import * as fc from "fast-check";
import { formatDuration, parseDuration, stageDurations } from "../../../runtime/contract";

test.each([
  ["45s", 45_000],
  ["30m", 1_800_000],
  ["1h30m", 5_400_000],
  ["500ms", 500],
  [" 2m ", 120_000],
])("%s is %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "30", "m", "3 m", "1.5h", "30m!", "-5s"])("refuses %p", (text) => {
  expect(() => parseDuration(text)).toThrow(
    `"${text}" is not a duration: write whole hours, minutes and seconds, for example "30m", "1h30m" or "45s"`,
  );
});

test("what is formatted is read back", () => {
  fc.assert(fc.property(fc.nat(1e9), (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds));
});

test("every duration follows from the stage timeout", () => {
  expect(Object.entries(stageDurations(parseDuration("30m"))).map(([name, value]) => `${name} ${formatDuration(value)}`)).toEqual([
    "soft 30m",
    "hard 35m",
    "grace 36m",
    "remove 38m",
    "consumerTimeout 1h21m",
    "lease 1m",
    "leaseRenewal 15s",
  ]);
});
