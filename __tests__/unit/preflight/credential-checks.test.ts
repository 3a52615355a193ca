import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { geminiCredential } from "../../../runtime/contract";
import { judgeEmbedding } from "../../../runtime/preflight/embedding-check";
import { judgeGeminiCredential } from "../../../runtime/preflight/gemini-credential-check";
import { describeKeys, seeGoogleKeys } from "../../../runtime/preflight/google-key";
import { contextOf, scratch } from "./context";

const NONE = { GOOGLE_API_KEY: "absent", GEMINI_API_KEY: "absent" } as const;
const GOOGLE = { ...NONE, GOOGLE_API_KEY: "set" } as const;
const GEMINI = { ...NONE, GEMINI_API_KEY: "set" } as const;

describe("how the keys were given", () => {
  const secrets = scratch();
  writeFileSync(join(secrets, "gemini_api_key"), "k\n");
  writeFileSync(join(secrets, "empty"), "\n");
  test.each([
    [{}, "/nowhere", NONE],
    [{ GOOGLE_API_KEY: "k" }, "/nowhere", GOOGLE],
    [{ GOOGLE_API_KEY: "" }, "/nowhere", { ...NONE, GOOGLE_API_KEY: "blank" }],
    [{ GOOGLE_API_KEY: " \t" }, "/nowhere", { ...NONE, GOOGLE_API_KEY: "blank" }],
    [{}, secrets, GEMINI],
    [{ GOOGLE_API_KEY_FILE: join(secrets, "empty") }, "/nowhere", { ...NONE, GOOGLE_API_KEY: "blank" }],
    [{ GEMINI_API_KEY_FILE: join(secrets, "gemini_api_key") }, "/nowhere", GEMINI],
  ])("%j", (environment, directory, seen) => {
    expect(seeGoogleKeys(contextOf(environment as Record<string, string>, { secrets: directory }))).toEqual(seen);
  });

  test("a file that is not there is named, a key never", () => {
    const keys = seeGoogleKeys(contextOf({ GOOGLE_API_KEY_FILE: "/nowhere/key", GEMINI_API_KEY: "s3cret" }));
    expect(describeKeys(keys)).toBe(
      "GOOGLE_API_KEY: GOOGLE_API_KEY_FILE names the file /nowhere/key, which cannot be read (ENOENT): mount it or correct the path, GEMINI_API_KEY is set",
    );
  });
});

describe("embedding.credential", () => {
  const google = { provider: "google", model: "m", environmentName: "prod" } as const;

  test.each([
    [{ ...google, provider: "none" as const }, NONE, "ok", null],
    [google, GOOGLE, "ok", "google_api_key"],
    [google, GEMINI, "ok", "gemini_api_key"],
    [google, { GOOGLE_API_KEY: "set", GEMINI_API_KEY: "set" } as const, "ok", "google_api_key"],
    [google, { GOOGLE_API_KEY: "blank", GEMINI_API_KEY: "set" } as const, "ok", "gemini_api_key"],
    [google, { GOOGLE_API_KEY: { problem: "gone" }, GEMINI_API_KEY: "absent" } as const, "failed", null],
    [google, { GOOGLE_API_KEY: "blank", GEMINI_API_KEY: "blank" } as const, "failed", null],
  ])("%#", (wanted, keys, status, credentialSource) => {
    expect(judgeEmbedding(wanted, keys)).toMatchObject({
      status,
      facts: { embeddingReadiness: { provider: wanted.provider, model: "m", ready: status === "ok", credentialSource } },
    });
  });

  test("names both keys and how to set one", () => {
    expect(judgeEmbedding(google, NONE)).toEqual({
      status: "failed",
      found: "embedding provider google, but GOOGLE_API_KEY is not set, GEMINI_API_KEY is not set",
      expected: "GOOGLE_API_KEY or GEMINI_API_KEY, not blank",
      fix: 'give one of them: codex-fleet secrets set prod google_api_key (or gemini_api_key), then codex-fleet up; or, without embeddings, provider = "none" in [embedding] (DEFAULT_EMBEDDING_PROVIDER=none)',
      facts: { embeddingReadiness: { provider: "google", model: "m", ready: false, credentialSource: null } },
    });
  });
});

describe("gemini.credential", () => {
  test.each([
    [undefined, GEMINI, "ok", "key from GEMINI_API_KEY"],
    [undefined, GOOGLE, "ok", "key from GOOGLE_API_KEY"],
    ["http://own", GEMINI, "ok", "key from GEMINI_API_KEY, requests go to http://own"],
    ["http://own", NONE, "ok", "no key; requests go to http://own with a placeholder instead of a key"],
    ["http://own", { ...NONE, GEMINI_API_KEY: { problem: "gone" } }, "failed", "GOOGLE_API_KEY is not set, GEMINI_API_KEY: gone"],
    [undefined, { ...NONE, GEMINI_API_KEY: "blank" as const }, "failed", "GOOGLE_API_KEY is not set, GEMINI_API_KEY is blank"],
  ])("%s %j", (baseUrl, keys, status, found) => {
    expect(judgeGeminiCredential("prod", baseUrl, keys)).toMatchObject({ status, found });
  });

  test("the key the CLI gets is the announced one", () => {
    expect(geminiCredential({ geminiKey: " ", googleKey: "g", baseUrl: "http://own" })).toEqual({ key: "g", source: "google_api_key" });
    expect(geminiCredential({ geminiKey: undefined, googleKey: undefined, baseUrl: "http://own" })).toEqual({
      key: "no-key",
      source: "placeholder",
    });
    expect(geminiCredential({ geminiKey: undefined, googleKey: undefined, baseUrl: undefined })).toBeUndefined();
  });
});
