import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError, readConfiguration, VARIABLE_LIST } from "../../../runtime/contract";

const empty = mkdtempSync(join(tmpdir(), "secrets-"));

test("typed values, with defaults where a variable has one", () => {
  expect(readConfiguration(["POSTGRES_PORT", "CODEX_MODEL", "SPEC_WORKFLOW_STAGE_TIMEOUT"], { POSTGRES_PORT: "6432" }, empty)).toEqual({
    POSTGRES_PORT: 6432,
    CODEX_MODEL: undefined,
    SPEC_WORKFLOW_STAGE_TIMEOUT: 1_800_000,
  });
});

test("an alias stands in for the name", () => {
  expect(readConfiguration(["SPEC_WORKFLOW_CODEX_QUEUE"], { CODEX_QUEUE: "codex-eu" }, empty)).toEqual({
    SPEC_WORKFLOW_CODEX_QUEUE: "codex-eu",
  });
});

test("a secret comes from NAME, NAME_FILE or the secrets directory, in this order", () => {
  const directory = mkdtempSync(join(tmpdir(), "secrets-"));
  writeFileSync(join(directory, "postgres_password"), "from-directory\n");
  writeFileSync(join(directory, "other"), "from-file\n");
  const read = (environment: Record<string, string>) => readConfiguration(["POSTGRES_PASSWORD"], environment, directory).POSTGRES_PASSWORD;
  expect(read({})).toBe("from-directory");
  expect(read({ POSTGRES_PASSWORD_FILE: join(directory, "other") })).toBe("from-file");
  expect(read({ POSTGRES_PASSWORD_FILE: join(directory, "other"), POSTGRES_PASSWORD: "from-environment" })).toBe("from-environment");
});

test("all problems in one error, without the value of a secret", () => {
  const read = () =>
    readConfiguration(
      ["POSTGRES_PORT", "SPEC_WORKFLOW_USE_SKILLS", "POSTGRES_PASSWORD", "GITHUB_TOKEN"],
      { POSTGRES_PORT: "70000", SPEC_WORKFLOW_USE_SKILLS: "maybe", POSTGRES_PASSWORD: "", GITHUB_TOKEN_FILE: "/nowhere/token" },
      empty,
    );
  expect(read).toThrow(ConfigurationError);
  expect(read).toThrow(
    [
      'POSTGRES_PORT: must be a whole number from 1 to 65535, got "70000"',
      'SPEC_WORKFLOW_USE_SKILLS: must be true or false, got "maybe"',
      "POSTGRES_PASSWORD: must not be empty",
      "GITHUB_TOKEN: GITHUB_TOKEN_FILE names the file /nowhere/token, which cannot be read (ENOENT): mount it or correct the path",
    ].join("\n"),
  );
});

test("every default passes its own schema, and no secret has one", () => {
  for (const [, variable] of VARIABLE_LIST) {
    if (variable.default !== undefined) expect(variable.schema.safeParse(variable.default).error).toBeUndefined();
    if (variable.secret) expect(variable.default).toBeUndefined();
  }
});
