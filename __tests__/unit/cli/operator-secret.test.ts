import { consumersOf, secretValue } from "../../../cli/secrets/operator-secret";

const OWN = { broker: true, database: true };

test.each([
  ["openai_api_key", ["codex-worker"]],
  ["GOOGLE_API_KEY", ["codex-worker", "gemini-worker"]],
  ["gemini_api_key", ["codex-worker", "gemini-worker"]],
  ["github_token", ["codex-worker"]],
])("%s goes to its readers", (name, consumers) => {
  expect(consumersOf(name, OWN)).toEqual(consumers);
});

test.each<[string, string, string?]>([
  ["postgres_password", 'postgres_password is made by "secrets init" and not set by hand'],
  ["fleet_api_token", 'fleet_api_token is made by "secrets init" and not set by hand'],
  ["LOG_LEVEL", 'no secret is called "LOG_LEVEL"'],
  ["github", 'no secret is called "github"; did you mean github_token?', " "],
])("fails for %s, naming what can be set", (name, why, separator = "; ") => {
  expect(() => consumersOf(name, OWN)).toThrow(
    `${why}${separator}you can set openai_api_key, gemini_api_key, google_api_key, github_token, proxy_credentials`,
  );
});

test("the password of an imported broker is the operator's", () => {
  expect(consumersOf("rabbitmq_password", { broker: false, database: true })).toEqual(["api", "codex-worker", "gemini-worker"]);
});

test.each([
  ["secret\n", "secret"],
  ["secret\r\n", "secret"],
  [" kept ", " kept "],
])("stores %j without its line end", (raw, value) => {
  expect(secretValue("github_token", raw)).toBe(value);
});

test.each([
  ["", "the value of github_token is empty: pipe it in or type it at the prompt"],
  [" \n", "the value of github_token is empty: pipe it in or type it at the prompt"],
  ["one\ntwo\n", "the value of github_token has more than one line: give the value alone"],
])("fails for the value %j without repeating it", (raw, message) => {
  expect(() => secretValue("github_token", raw)).toThrow(message);
});
