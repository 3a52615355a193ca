import { listenAddress, readApiConfiguration } from "../../../runtime/api/api-configuration";
import type { ConfigurationError } from "../../../runtime/contract";

const SECRETS = { FLEET_API_TOKEN: "t", POSTGRES_PASSWORD: "p", RABBITMQ_PASSWORD: "r" };

function problems(environment: Record<string, string>): unknown {
  try {
    return readApiConfiguration(environment, "/nowhere");
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
}

test("with its secrets and nothing else the API has all it needs", () => {
  expect(readApiConfiguration(SECRETS, "/nowhere").FLEET_API_LISTEN).toBe("0.0.0.0:8080");
});

test("all that is wrong is said at once", () => {
  expect(
    problems({ POSTGRES_PASSWORD: "p", RABBITMQ_PASSWORD: "r", FLEET_API_LISTEN: "8080", SPEC_WORKFLOW_GITHUB_REPOSITORY: "owner" }),
  ).toEqual([
    { name: "FLEET_API_LISTEN", message: 'must be host:port, for example 0.0.0.0:8080 or [::]:8080, got "8080"' },
    { name: "SPEC_WORKFLOW_GITHUB_REPOSITORY", message: 'must be owner/name, got "owner"' },
    {
      name: "FLEET_API_TOKEN",
      message: "is not set and has no default: set FLEET_API_TOKEN_FILE, or put it into /nowhere/fleet_api_token",
    },
  ]);
});

test("a skill of the environment has to be on its allowlist", () => {
  expect(problems({ ...SECRETS, SPEC_WORKFLOW_PUBLISH_SKILL: "rogue" })).toEqual([
    {
      name: "SPEC_WORKFLOW_ALLOWED_SKILLS",
      message:
        'SPEC_WORKFLOW_PUBLISH_SKILL: the skill "rogue" of the stage publish is not allowed; allowed are speckit (SPEC_WORKFLOW_ALLOWED_SKILLS)',
    },
  ]);
});

test.each([
  ["0.0.0.0:8080", { host: "0.0.0.0", port: 8080 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  ["[::]:8080", { host: "::", port: 8080 }],
])("%s", (text, address) => {
  expect(listenAddress(text)).toEqual(address);
});

test.each(["", "8080", ":8080", "host:", "host:65536", "::1:8080"])("%j is no address", (text) => {
  expect(problems({ ...SECRETS, FLEET_API_LISTEN: text })).toEqual([
    { name: "FLEET_API_LISTEN", message: expect.stringMatching(/^must (be host:port|have a port from 0 to 65535)/) },
  ]);
});
