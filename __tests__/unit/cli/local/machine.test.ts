import { localPrerequisites, missingPrograms, placesWith, programsOf, SYSTEM_PLACES } from "../../../../cli/local/machine";
import type { LocalMachine } from "../../../../cli/local/machine";
import type { ProgramName } from "../../../../cli/packages/program-packages";
import { prerequisiteLines } from "../../../../cli/console/prerequisite";

const GIB = 1024 ** 3;

const GOOD: LocalMachine = {
  places: SYSTEM_PLACES,
  packageManager: "apt-get",
  account: { uid: 1001, gid: 1001, name: "ada", dataHome: "/home/ada/.local/share/codex-fleet", cacheHome: "/cache", change: false },
  platform: "linux",
  node: "20.19.0",
  python: { program: "/usr/bin/python3", version: "3.11.2", venv: true },
  broker: "3.10.8-1.1+deb12u1",
  postgres: { version: 15, directory: "/usr/lib/postgresql/15/bin" },
  npm: "11.0.0",
  git: "2.39.5",
  jq: "1.6",
  api: { listen: "127.0.0.1:8080", takenByOther: false, movable: false },
  freeDisk: 20 * GIB,
  toolsInstalled: false,
};

test("a machine that has everything", () => {
  expect(prerequisiteLines(localPrerequisites(GOOD))).toEqual([
    "ok      System: found linux, required linux",
    "ok      Account: found ada, required a user this machine knows, not root",
    "ok      Node.js: found 20.19.0, required >= 20.19",
    "ok      npm: found 11.0.0, required the npm that comes with Node.js",
    "ok      RabbitMQ: found 3.10.8-1.1+deb12u1, required >= 3.10, Debian's package",
    "ok      PostgreSQL: found 15, required >= 15, Debian's package",
    "ok      Python: found 3.11.2, required >= 3.11 with venv",
    "ok      git: found 2.39.5, required git",
    "ok      jq: found 1.6, required jq",
    "ok      Port 127.0.0.1:8080: found free or ours, required free",
    "ok      Disk: found 20.0 GiB free, required >= 2.5 GiB",
  ]);
});

const python = GOOD.python!;

test.each<[string, Partial<LocalMachine>, string[]]>([
  [
    "another system",
    { platform: "darwin" },
    ["System: found darwin, required linux", "the local engine runs only on Linux: use Docker on this system"],
  ],
  [
    "a user without a name",
    { account: { ...GOOD.account, name: undefined } },
    ["Account: found uid 1001, which has no name, required a user this machine knows, not root", "run it as a user of /etc/passwd"],
  ],
  ["an old Node.js", { node: "18.19.0" }, ["Node.js: found 18.19.0, required >= 20.19", "install Node.js 20.19 or later"]],
  ["no Python", { python: undefined }, ["Python: found none, required >= 3.11 with venv", "apt-get install python3 python3-venv"]],
  [
    "Python without venv",
    { python: { ...python, venv: false } },
    ["Python: found 3.11.2 without venv, required >= 3.11 with venv", "apt-get install python3 python3-venv"],
  ],
  [
    "an old Python",
    { python: { ...python, version: "3.9.2" } },
    ["Python: found 3.9.2, required >= 3.11 with venv", "apt-get install python3 python3-venv"],
  ],
  [
    "no RabbitMQ",
    { broker: undefined },
    [
      "RabbitMQ: found none, required >= 3.10, Debian's package",
      "apt-get install rabbitmq-server (its service is not used and may be stopped: systemctl disable --now rabbitmq-server)",
    ],
  ],
  [
    "an old PostgreSQL",
    { postgres: { version: 13, directory: "/x" } },
    [
      "PostgreSQL: found 13, required >= 15, Debian's package",
      "apt-get install postgresql (its service is not used and may be stopped: systemctl disable --now postgresql)",
    ],
  ],
  ["no git", { git: undefined }, ["git: found none, required git", "apt-get install git"]],
  ["no jq", { jq: undefined }, ["jq: found none, required jq", "apt-get install jq"]],
  [
    "a taken port",
    { api: { listen: "127.0.0.1:8080", takenByOther: true, movable: false } },
    [
      "Port 127.0.0.1:8080: found taken by another program, required free",
      'stop that program (is the fleet up on Docker?), or choose another port with [api] listen = "127.0.0.1:PORT"',
    ],
  ],
  [
    "little disk for the tools",
    { freeDisk: GIB },
    ["Disk: found 1.0 GiB free, required >= 2.5 GiB", "free space, or set XDG_DATA_HOME to another disk"],
  ],
])("%s", (_what, machine, [line, fix]) => {
  const lines = prerequisiteLines(localPrerequisites({ ...GOOD, ...machine }).filter(({ ok }) => !ok));
  expect(lines).toEqual([`MISSING ${line}`, `        fix: ${fix}`]);
});

test("less disk space is enough when the tools are installed", () => {
  expect(localPrerequisites({ ...GOOD, freeDisk: GIB, toolsInstalled: true }).every(({ ok }) => ok)).toBe(true);
});

test("a demonstration does without its port", () => {
  const api = { listen: "127.0.0.1:8080", takenByOther: true, movable: true };
  expect(localPrerequisites({ ...GOOD, api }).find(({ name }) => name.startsWith("Port "))).toEqual({
    name: "Port 127.0.0.1:8080",
    ok: true,
    found: "taken by another program; the API will take another port",
    required: "free, or any other",
    fix: "",
  });
});

test.each<[Partial<LocalMachine>, string]>([
  [{ packageManager: "dnf", jq: undefined }, "dnf install jq"],
  [{ packageManager: "pacman", git: undefined }, "pacman -S git"],
  [{ packageManager: undefined, python: undefined }, "install Python"],
])("on a system without apt, what is missing is named with its own command: %o", (machine, fix) => {
  expect(localPrerequisites({ ...GOOD, ...machine }).filter(({ ok }) => !ok)).toMatchObject([{ fix }]);
});

test("nothing is said of programs where the local engine does not run", () => {
  expect(localPrerequisites({ ...GOOD, platform: "darwin", packageManager: "brew", git: undefined })).toHaveLength(1);
});

test("programs that are missing, too old or incomplete are unpacked", () => {
  expect(missingPrograms(GOOD)).toEqual([]);
  const bare = { broker: undefined, postgres: undefined, python: undefined, git: undefined, jq: undefined };
  expect(missingPrograms({ ...GOOD, ...bare })).toEqual(["rabbitmq", "postgres", "python", "git", "jq"]);
  const old = { broker: "3.8.9-3", python: { ...python, venv: false }, postgres: { version: 13, directory: "/x" } };
  expect(missingPrograms({ ...GOOD, ...old })).toEqual(["rabbitmq", "postgres", "python"]);
});

const unpacked = (program: ProgramName) => ({ program, directory: `/c/${program}-1`, bin: `/c/${program}-1/bin`, version: "1.0" });

test("what was unpacked comes before what the system has", () => {
  expect(placesWith([unpacked("rabbitmq"), unpacked("postgres"), unpacked("jq")], false)).toEqual({
    path: `/c/rabbitmq-1/bin:/c/postgres-1/bin:/c/jq-1/bin:${SYSTEM_PLACES.path}`,
    environment: {},
    broker: "/c/rabbitmq-1/usr/lib/rabbitmq/bin/rabbitmq-server",
    portMapper: "/c/rabbitmq-1/bin/epmd",
    postgres: "/c/postgres-1/usr/lib/postgresql",
    unpacked: [unpacked("rabbitmq"), unpacked("postgres"), unpacked("jq")],
  });
  expect(placesWith([], true)).toEqual(SYSTEM_PLACES);
});

test.each([
  [true, {}],
  [false, { SSL_CERT_FILE: "/c/git-1/etc/ssl/certs/ca-certificates.crt" }],
])("certificates are git's where the machine has none (it has some: %s)", (certificates, environment) => {
  expect(placesWith([unpacked("python"), unpacked("git")], certificates).environment).toEqual(environment);
});

test("an unpacked program is marked in the table", () => {
  const machine = { ...GOOD, places: placesWith([unpacked("jq")], true) };
  expect(prerequisiteLines(localPrerequisites(machine)).filter((line) => line.includes("unpacked"))).toEqual([
    "ok      jq: found 1.6 (unpacked), required jq",
  ]);
});

test("the programs of a complete machine are those that were found", () => {
  const places = { path: "/x/bin:/bin", environment: { ROOTDIR: "/x" }, broker: "/x/rabbit", portMapper: "/x/epmd" };
  expect(programsOf({ ...GOOD, places: { ...places, postgres: "/x/pg", unpacked: [] } })).toEqual({
    ...places,
    python: "/usr/bin/python3",
    postgres: "/usr/lib/postgresql/15/bin",
  });
});
