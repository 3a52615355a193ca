import { nearest, unknownName } from "../../../../cli/console/unknown-name";

const ENVIRONMENTS = ["demo", "dev", "prod", "staging"];

test.each([
  ["stagin", "staging"],
  ["st", "staging"],
  ["PROD", "prod"],
  ["dmeo", "demo"],
  // Two names begin with this, and one is more similar.
  ["de", "dev"],
  ["x", undefined],
  ["kubernetes", undefined],
])("who writes %s is offered %s", (name, expected) => {
  expect(nearest(name, ENVIRONMENTS)).toBe(expected);
});

test.each([
  ["prd", ENVIRONMENTS, 'no environment "prd"; did you mean prod? there are demo, dev, prod, staging'],
  ["x", ["dev"], 'no environment "x"; there is dev'],
  ["x", [], 'no environment "x"; there are none'],
])("an unknown name says what there is: %s of %j", (name, possible, message) => {
  const error = unknownName(`no environment "${name}"`, name, possible);
  expect({ message: error.message, exitCode: error.exitCode }).toEqual({ message, exitCode: 64 });
});
