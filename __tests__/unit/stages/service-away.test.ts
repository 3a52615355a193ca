import { isDatabaseAway } from "../../../runtime/stages/service-away";

const withCode = (code: string) => Object.assign(new Error("x"), { code });

test.each([
  ["connection refused", withCode("ECONNREFUSED"), true],
  ["several addresses refused", new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNREFUSED")]), true],
  ["shut down by the administrator", withCode("57P01"), true],
  ["starting up", withCode("57P03"), true],
  ["connection failure", withCode("08006"), true],
  ["fell over in the middle", new Error("Connection terminated unexpectedly"), true],
  ["no connection in time", new Error("timeout exceeded when trying to connect"), true],
  ["a unique key", withCode("23505"), false],
  ["a wrong password", withCode("28P01"), false],
  ["a bug", new TypeError("Cannot read properties of undefined"), false],
  ["no error", "ECONNREFUSED", false],
])("%s", (_, error, away) => {
  expect(isDatabaseAway(error)).toBe(away);
});
