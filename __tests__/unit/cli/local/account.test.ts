import { asAccount, decideAccount, parsePasswordEntry } from "../../../../cli/local/account";
import type { AccountFacts } from "../../../../cli/local/account";

const USERS = [
  { name: "nobody", uid: 65534, gid: 65534, home: "/nonexistent" },
  { name: "ada", uid: 1001, gid: 1002, home: "/home/ada" },
  { name: "root", uid: 0, gid: 0, home: "/root" },
];

const ADA: AccountFacts = {
  uid: 1001,
  gid: 1002,
  environment: { HOME: "/home/ada" },
  projectOwner: 0,
  entry: (user) => USERS.find(({ name, uid }) => name === user || uid === user),
  owns: (uid, directory) => uid === 1001 && directory === "/home/ada",
};

test.each<[string, Partial<AccountFacts>, ReturnType<typeof decideAccount>]>([
  [
    "a user stays",
    {},
    { uid: 1001, gid: 1002, name: "ada", dataHome: "/home/ada/.local/share/codex-fleet", cacheHome: "/home/ada/.cache", change: false },
  ],
  [
    "XDG_DATA_HOME goes first",
    { environment: { HOME: "/home/ada", XDG_DATA_HOME: "/data" } },
    { uid: 1001, gid: 1002, name: "ada", dataHome: "/data/codex-fleet", cacheHome: "/home/ada/.cache", change: false },
  ],
  [
    "without HOME, the home of the password database",
    { environment: {} },
    { uid: 1001, gid: 1002, name: "ada", dataHome: "/home/ada/.local/share/codex-fleet", cacheHome: "/home/ada/.cache", change: false },
  ],
  [
    "a user without a name is seen as one",
    { uid: 64000, gid: 64000, environment: { HOME: "/h" } },
    { uid: 64000, gid: 64000, name: undefined, dataHome: "/h/.local/share/codex-fleet", cacheHome: "/h/.cache", change: false },
  ],
  [
    "root becomes the owner of the project",
    { uid: 0, gid: 0, environment: { HOME: "/root", XDG_DATA_HOME: "/root/data" }, projectOwner: 1001 },
    { uid: 1001, gid: 1002, name: "ada", dataHome: "/home/ada/.local/share/codex-fleet", cacheHome: "/home/ada/.cache", change: true },
  ],
  [
    "root with a project of its own becomes nobody, who has no home",
    { uid: 0, gid: 0, environment: { HOME: "/root" } },
    { uid: 65534, gid: 65534, name: "nobody", dataHome: "/var/lib/codex-fleet", cacheHome: "/var/lib/codex-fleet/.cache", change: true },
  ],
  [
    "an owner nobody knows is no account",
    { uid: 0, gid: 0, projectOwner: 4711 },
    { uid: 65534, gid: 65534, name: "nobody", dataHome: "/var/lib/codex-fleet", cacheHome: "/var/lib/codex-fleet/.cache", change: true },
  ],
])("%s", (_what, facts, account) => {
  expect(decideAccount({ ...ADA, ...facts })).toEqual(account);
});

test("root on a machine without nobody is refused", () => {
  expect(() => decideAccount({ ...ADA, uid: 0, entry: () => undefined })).toThrow(
    /does not run as root, and this machine has no user nobody/,
  );
});

test("a user without a place for data is refused", () => {
  expect(() => decideAccount({ ...ADA, environment: {}, entry: () => undefined })).toThrow(/set HOME or XDG_DATA_HOME/);
});

test.each([
  ["ada:x:1001:1002:Ada,,,:/home/ada:/bin/bash\n", USERS[1]],
  ["", undefined],
])("password entry %j", (line, entry) => {
  expect(parsePasswordEntry(line)).toEqual(entry);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("root looks with the account's rights, and has its own again afterwards", () => {
  const rights = () => [process.geteuid!(), process.getegid!()];
  const account = { uid: 65534, gid: 65533, name: "nobody", dataHome: "/d", cacheHome: "/c", change: true };
  expect(asAccount(account, rights)).toEqual([65534, 65533]);
  expect(() =>
    asAccount(account, () => {
      throw new Error("unseen");
    }),
  ).toThrow("unseen");
  expect(rights()).toEqual([0, 0]);
  expect(asAccount({ ...account, change: false }, rights)).toEqual([0, 0]);
});
