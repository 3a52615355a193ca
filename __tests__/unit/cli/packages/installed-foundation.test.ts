import { installedFoundation } from "../../../../cli/packages/installed-foundation";

interface Fields {
  readonly [field: string]: string;
}

const stanza = (name: string, fields: Fields = {}) =>
  Object.entries({ Package: name, Status: "install ok installed", Architecture: "amd64", ...fields })
    .map(([field, value]) => `${field}: ${value}`)
    .join("\n");

const STATUS = [
  stanza("apt", { Depends: "libapt (>= 2.6), gpgv | gpgv2 | sqv", Description: "tool\n that says\n .\n Essential: yes" }),
  stanza("bash", { Essential: "yes", "Pre-Depends": "libc6 (>= 2.36), libtinfo6", Depends: "base-files (>= 2.1.12), awk" }),
  stanza("base-files", { Architecture: "all" }),
  stanza("erlang-base", { Depends: "libc6" }),
  stanza("git", { Depends: "perl" }),
  stanza("libapt", { Depends: "libc6" }),
  stanza("libc6"),
  stanza("libc6", { Architecture: "i386", Essential: "yes" }),
  stanza("libtinfo6", { Depends: "libc6" }),
  stanza("mawk", { Provides: "awk" }),
  stanza("sqv"),
  stanza("login", { Essential: "yes", Status: "deinstall ok config-files" }),
];

test("what every system has is what is essential, apt, and what these need; all else might as well not be installed", () => {
  const left = installedFoundation(`${STATUS.join("\n\n")}\n`, "amd64");
  const names = [...left.matchAll(/^Package: (.*)$/gm)].map((match) => match[1]);
  expect(names).toEqual(["apt", "bash", "base-files", "libapt", "libc6", "libtinfo6", "mawk", "sqv"]);
  expect(left).toBe(
    STATUS.filter((text) => names.includes(/^Package: (.*)$/m.exec(text)![1]) && !text.includes("i386"))
      .map((text) => `${text}\n\n`)
      .join(""),
  );
});

test("a package that is on its way in or out is not there", () => {
  const half = [stanza("tar", { Essential: "yes", Status: "install ok unpacked" }), stanza("sed", { Essential: "yes" })].join("\n\n");
  expect(installedFoundation(half, "amd64")).toBe(`${stanza("sed", { Essential: "yes" })}\n\n`);
});
