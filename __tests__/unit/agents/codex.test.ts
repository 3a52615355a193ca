import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { agentEnvironment } from "../../../runtime/agents/agent-environment";
import { codexOverrides, shellOverrides } from "../../../runtime/agents/codex";
import { codexCredentialProblem, readLogin } from "../../../runtime/agents/codex-credential";

test("overrides are TOML values", () => {
  const overrides = codexOverrides({ model: 'a "quoted" model', providerUrl: "http://model:8080/v1", auth: "none" });
  expect(overrides.filter((_, index) => index % 2 === 0)).toEqual(["-c", "-c", "-c"]);
  expect(parse(overrides.filter((_, index) => index % 2 === 1).join("\n"))).toEqual({
    model: 'a "quoted" model',
    model_provider: "fleet",
    model_providers: { fleet: { name: "fleet", base_url: "http://model:8080/v1", wire_api: "responses" } },
  });
  expect(codexOverrides({ auth: "chatgpt" })).toEqual([]);
});

test("commands the agent runs get the network variables, but no address with credentials", () => {
  const environment = {
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy:3128",
    http_proxy: "http://me:secret@proxy:3128",
    NO_PROXY: 'a"b',
    SSL_CERT_FILE: "/run/certificates/ca-bundle.pem",
    OPENAI_API_KEY: "o",
  };
  const overrides = shellOverrides(environment);
  expect(overrides.filter((_, index) => index % 2 === 0)).toEqual(["-c", "-c", "-c"]);
  expect(parse(overrides.filter((_, index) => index % 2 === 1).join("\n"))).toEqual({
    shell_environment_policy: {
      set: { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: 'a"b', SSL_CERT_FILE: "/run/certificates/ca-bundle.pem" },
    },
  });
});

test("an agent sees what it needs and no secret", () => {
  const seen = agentEnvironment(
    {
      PATH: "/bin",
      LC_ALL: "C",
      https_proxy: "http://proxy",
      POSTGRES_PASSWORD: "p",
      RABBITMQ_PASSWORD: "r",
      CELERY_BROKER_URL: "amqp://x",
      GITHUB_TOKEN: "g",
      OPENAI_API_KEY: "o",
      FLEET_GIT_TOKEN: "t",
    },
    { CODEX_HOME: "/home/app/.codex" },
  );
  expect(seen).toEqual({ PATH: "/bin", LC_ALL: "C", https_proxy: "http://proxy", CODEX_HOME: "/home/app/.codex" });
});

test.each([
  ['{"OPENAI_API_KEY":"sk-1"}', true],
  ['{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"access_token":"a","refresh_token":"r"}}', true],
  ['{"tokens":{"access_token":"a","refresh_token":""}}', false],
  ["{}", false],
  ["", false],
  ["[]", false],
])("auth.json %s is a login: %s", (text, expected) => {
  expect(readLogin(text)).toBe(expected);
});

describe("the credential each mode needs", () => {
  const home = mkdtempSync(join(tmpdir(), "codex-home-"));
  const base = { codexHome: home, apiKey: undefined, providerUrl: undefined };
  afterAll(() => rmSync(home, { recursive: true }));

  test("chatgpt: a login in the volume", async () => {
    expect((await codexCredentialProblem({ ...base, auth: "chatgpt" }))!.reason).toBe(`not logged in: ${home}/auth.json does not exist`);
    writeFileSync(join(home, "auth.json"), "{}");
    expect((await codexCredentialProblem({ ...base, auth: "chatgpt" }))!.reason).toBe(
      `${home}/auth.json holds neither an API key nor tokens that can be refreshed`,
    );
    writeFileSync(join(home, "auth.json"), '{"tokens":{"access_token":"a","refresh_token":"r"}}');
    expect(await codexCredentialProblem({ ...base, auth: "chatgpt" })).toBeNull();
  });

  test("api_key: the secret, not blank", async () => {
    expect(await codexCredentialProblem({ ...base, auth: "api_key", apiKey: "sk-1" })).toBeNull();
    expect((await codexCredentialProblem({ ...base, auth: "api_key", apiKey: " " }))!.reason).toMatch(
      /openai_api_key is missing or blank$/,
    );
  });

  test("none: a provider of one's own", async () => {
    expect(await codexCredentialProblem({ ...base, auth: "none", providerUrl: "http://model/v1" })).toBeNull();
    expect((await codexCredentialProblem({ ...base, auth: "none" }))!.fix).toMatch(/^set codex.provider_url/);
  });
});
