import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { containerName, loginCommand, authLoginCheck, judgeLogin } from "../../../runtime/preflight/auth-login-check";
import { authVolumeCheck, judgeVolume } from "../../../runtime/preflight/auth-volume-check";
import { parseCodexLogin, readCodexLogin } from "../../../runtime/preflight/codex-login";
import { parseMountInfo, volumeNameOf } from "../../../runtime/preflight/mount-info";
import { contextOf, scratch } from "./context";

const MOUNTINFO = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 254:0 /var/lib/docker/volumes/codex_auth_volume/_data /home/app/.codex rw,nosuid - ext4 /dev/vda rw
31 22 0:40 / /with\\040blank ro - tmpfs tmpfs rw,size=1k
32 22 0:41 / /frozen rw - ext4 /dev/vdb ro
`;

test("mounts as the kernel lists them", () => {
  expect(parseMountInfo(MOUNTINFO)).toEqual([
    { mountPoint: "/", root: "/", fileSystem: "ext4", readOnly: false },
    { mountPoint: "/home/app/.codex", root: "/var/lib/docker/volumes/codex_auth_volume/_data", fileSystem: "ext4", readOnly: false },
    { mountPoint: "/with blank", root: "/", fileSystem: "tmpfs", readOnly: true },
    { mountPoint: "/frozen", root: "/", fileSystem: "ext4", readOnly: true },
  ]);
  expect(parseMountInfo(MOUNTINFO).map(volumeNameOf)).toEqual([undefined, "codex_auth_volume", undefined, undefined]);
});

describe("auth.volume", () => {
  const wanted = {
    name: "codex_auth_volume",
    path: "/home/app/.codex",
    codexHome: "/home/app/.codex",
    uid: 1000,
    engine: "docker" as const,
  };
  const mount = parseMountInfo(MOUNTINFO)[1]!;
  const seen = { mount, exists: true, uid: 1000, writeError: undefined };

  test.each([
    ["right", wanted, seen, "ok", "volume codex_auth_volume at /home/app/.codex"],
    [
      "a driver that hides the name",
      wanted,
      { ...seen, mount: { ...mount, root: "/" } },
      "ok",
      "volume codex_auth_volume at /home/app/.codex",
    ],
    ["CODEX_HOME not set", { ...wanted, codexHome: undefined }, seen, "ok", "volume codex_auth_volume at /home/app/.codex"],
    ["CODEX_HOME elsewhere", { ...wanted, codexHome: "/x" }, seen, "failed", "CODEX_HOME is /x, CODEX_VOLUME_PATH is /home/app/.codex"],
    [
      "no mount",
      wanted,
      { ...seen, mount: undefined },
      "failed",
      "nothing is mounted at /home/app/.codex: a login would be lost with the container",
    ],
    [
      "tmpfs",
      wanted,
      { ...seen, mount: { ...mount, fileSystem: "tmpfs" } },
      "failed",
      "/home/app/.codex is a tmpfs: a login would be lost with the container",
    ],
    ["another volume", { ...wanted, name: "mine" }, seen, "failed", "the volume codex_auth_volume is mounted at /home/app/.codex"],
    [
      "read-only",
      wanted,
      { ...seen, mount: { ...mount, readOnly: true } },
      "failed",
      "/home/app/.codex is mounted read-only: Codex could not save a refreshed login, and the old one would be invalid",
    ],
    ["another owner", wanted, { ...seen, uid: 0 }, "failed", "/home/app/.codex belongs to uid 0"],
    ["not writable", wanted, { ...seen, writeError: "ENOSPC" }, "failed", "/home/app/.codex cannot be written (ENOSPC)"],
    [
      "local engine",
      { ...wanted, engine: "local" as const },
      { ...seen, mount: undefined },
      "warning",
      "/home/app/.codex, a directory of this host",
    ],
    [
      "local engine, nothing there",
      { ...wanted, engine: "local" as const },
      { ...seen, mount: undefined, exists: false },
      "failed",
      "/home/app/.codex does not exist",
    ],
  ])("%s", (_name, expectation, sighting, status, found) => {
    expect(judgeVolume(expectation, sighting)).toMatchObject({
      status,
      found,
      facts: {
        authVolume: {
          volumeName: expectation.name,
          volumePath: "/home/app/.codex",
          mounted: sighting.mount !== undefined,
          writable: sighting.writeError === undefined,
        },
      },
    });
  });

  test("a directory of this machine is no mount", async () => {
    const path = scratch();
    expect(await authVolumeCheck.run(contextOf({ CODEX_VOLUME_PATH: path }))).toMatchObject({
      status: "failed",
      found: `nothing is mounted at ${path}: a login would be lost with the container`,
    });
    expect(await authVolumeCheck.run(contextOf({ CODEX_VOLUME_PATH: path, FLEET_ENGINE: "local" }))).toMatchObject({ status: "warning" });
    expect(await authVolumeCheck.run(contextOf({ CODEX_VOLUME_PATH: join(path, "no"), FLEET_ENGINE: "local" }))).toMatchObject({
      status: "failed",
    });
  });
});

const token = (payload: object) => `h.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.s`;
const chatgpt = (tokens: object) =>
  JSON.stringify({ auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh: "2026-01-01T00:00:00Z" });

describe("auth.json", () => {
  test.each([
    [
      chatgpt({ access_token: token({ exp: 1_800_000_000 }), refresh_token: "r" }),
      { kind: "chatgpt", mode: 0o600, expires: "2027-01-15T08:00:00.000Z", lastRefresh: "2026-01-01T00:00:00Z" },
    ],
    [
      chatgpt({ access_token: "opaque", refresh_token: "r" }),
      { kind: "chatgpt", mode: 0o600, expires: undefined, lastRefresh: "2026-01-01T00:00:00Z" },
    ],
    [chatgpt({ access_token: "a" }), { kind: "useless", reason: "holds an access token that cannot be renewed" }],
    [chatgpt({ access_token: " ", refresh_token: "r" }), { kind: "useless", reason: "holds neither an API key nor an access token" }],
    ['{"auth_mode":"apikey","OPENAI_API_KEY":"k"}', { kind: "api_key", mode: 0o600 }],
    ['{"auth_mode":"apikey","OPENAI_API_KEY":""}', { kind: "useless", reason: "holds neither an API key nor an access token" }],
    ["{}", { kind: "useless", reason: "holds neither an API key nor an access token" }],
    ["[]", { kind: "useless", reason: "does not have the form Codex writes" }],
    ["{", { kind: "useless", reason: "is not JSON" }],
  ])("%#", (text, login) => {
    expect(parseCodexLogin(text, 0o600)).toEqual(login);
  });

  test("of a home", async () => {
    const home = scratch();
    expect(await readCodexLogin(home)).toEqual({ kind: "absent" });
    mkdirSync(join(home, "auth.json"));
    expect(await readCodexLogin(home)).toEqual({ kind: "useless", reason: "cannot be read (EISDIR)" });
  });
});

describe("auth.login", () => {
  const wanted = { auth: "chatgpt" as const, hasApiKey: false, providerUrl: undefined, environmentName: "prod", container: "abc" };
  const login = { kind: "chatgpt" as const, mode: 0o600, expires: "2027-01-15T08:00:00.000Z", lastRefresh: "2026-01-01T00:00:00Z" };
  const command = "codex-fleet login prod, or docker exec -it abc codex login --device-auth";

  test.each([
    [
      "logged in",
      wanted,
      login,
      "ok",
      "present",
      "a ChatGPT login, renewed 2026-01-01T00:00:00Z, access until 2027-01-15T08:00:00.000Z",
      "",
    ],
    ["a key in the volume", wanted, { kind: "api_key" as const, mode: 0o600 }, "ok", "present", "an API key in auth.json", ""],
    [
      "readable by others",
      wanted,
      { ...login, mode: 0o644 },
      "warning",
      "present",
      "a ChatGPT login, renewed 2026-01-01T00:00:00Z, access until 2027-01-15T08:00:00.000Z, mode 0644",
      "chmod 600 auth.json: others on the volume may read the login",
    ],
    [
      "no login",
      wanted,
      { kind: "absent" as const },
      "warning",
      "absent",
      "no login yet: the worker waits for it and takes no Codex job",
      command,
    ],
    [
      "useless",
      wanted,
      { kind: "useless" as const, reason: "is not JSON" },
      "warning",
      "absent",
      "auth.json is not JSON: the worker waits for a login and takes no Codex job",
      command,
    ],
    [
      "key given",
      { ...wanted, auth: "api_key" as const, hasApiKey: true },
      { kind: "absent" as const },
      "ok",
      "not_needed",
      "OPENAI_API_KEY is set",
      "",
    ],
    [
      "no key",
      { ...wanted, auth: "api_key" as const },
      login,
      "failed",
      undefined,
      "OPENAI_API_KEY is missing or blank",
      "codex-fleet secrets set prod openai_api_key",
    ],
    [
      "own provider",
      { ...wanted, auth: "none" as const, providerUrl: "http://m" },
      { kind: "absent" as const },
      "ok",
      "not_needed",
      "codex.auth is none: http://m asks for no login",
      "",
    ],
    [
      "no provider",
      { ...wanted, auth: "none" as const },
      { kind: "absent" as const },
      "failed",
      undefined,
      "codex.auth is none, but codex.provider_url is not set",
      "set codex.provider_url (CODEX_PROVIDER_URL), or codex.auth to chatgpt or api_key",
    ],
  ])("%s", (_name, expectation, found, status, fact, text, fix) => {
    const outcome = judgeLogin(expectation, found);
    expect([outcome.status, outcome.facts?.login, outcome.found, outcome.fix]).toEqual([status, fact, text, fix]);
  });

  test("a blank key is no key", async () => {
    const context = contextOf({ CODEX_AUTH: "api_key", OPENAI_API_KEY: "  ", CODEX_VOLUME_PATH: scratch() });
    expect(await authLoginCheck.run(context)).toMatchObject({ status: "failed", found: "OPENAI_API_KEY is missing or blank" });
  });
});

test.each([
  ["docker", { HOSTNAME: "box" }, "codex-fleet login dev, or docker exec -it box codex login --device-auth"],
  ["docker", {}, "codex-fleet login dev, or docker exec -it CONTAINER codex login --device-auth"],
  ["local", { HOSTNAME: "laptop" }, "codex-fleet login dev"],
] as const)("how to log in on %s with %j", (engine, environment, command) => {
  expect(loginCommand("dev", containerName(engine, environment))).toBe(command);
});
