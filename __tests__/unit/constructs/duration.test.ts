import { Duration } from "../../../constructs";

test.each([
  [0, "0s"],
  [500, "500ms"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [60_000, "1m0s"],
  [90_000, "1m30s"],
  [3_600_000, "1h0m0s"],
  [5_400_000, "1h30m0s"],
  [90_061_001, "25h1m1.001s"],
])("%d ms is written %s, as Go writes it", (milliseconds, text) => {
  expect(Duration.milliseconds(milliseconds).toString()).toBe(text);
});

test("factories and arithmetic agree", () => {
  expect(Duration.minutes(1.5).toMilliseconds()).toBe(Duration.parse("1m30s").toMilliseconds());
  expect(Duration.seconds(2).plus(Duration.milliseconds(1)).toSeconds()).toBe(3);
  expect(Duration.seconds(2).times(3).toString()).toBe("6s");
});

test.each([-1, 0.5, Number.NaN])("fails for %d ms", (milliseconds) => {
  expect(() => Duration.milliseconds(milliseconds)).toThrow(`duration must be a whole number of milliseconds from 0, got ${milliseconds}`);
});

test("fails for text that is no duration", () => {
  expect(() => Duration.parse("soon")).toThrow('"soon" is not a duration');
});
