import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { BuildContext } from "../../../constructs";

type Files = Readonly<Record<string, string>>;

function directoryWith(files: Files, executable: readonly string[] = []): string {
  const root = mkdtempSync(path.join(tmpdir(), "fleet-context-test-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content, { mode: executable.includes(name) ? 0o755 : 0o644 });
  }
  return root;
}

const fingerprintOf = (files: Files, executable: readonly string[] = []): string =>
  new BuildContext().addDirectory(directoryWith(files, executable)).fingerprint();

const name = fc.stringMatching(/^[a-z]{1,6}$/);
const content = fc.string({ maxLength: 20 });
const files = fc.dictionary(name, content, { minKeys: 1, maxKeys: 5 });

describe("fingerprint", () => {
  test("is the same for the same files, wherever and in whatever order they were written", () => {
    fc.assert(
      fc.property(files, (given) => {
        const reversed = Object.fromEntries(Object.entries(given).reverse());
        expect(fingerprintOf(reversed)).toBe(fingerprintOf(given));
      }),
      { numRuns: 30 },
    );
  });

  test("changes with every content, name and executable bit", () => {
    fc.assert(
      fc.property(files, content, (given, other) => {
        const [first] = Object.keys(given) as [string];
        fc.pre(given[first] !== other);
        const { [first]: moved, ...rest } = given;
        const variants = [
          { ...given, [first]: other },
          { ...rest, [`${first}-renamed`]: moved! },
        ].map((each) => fingerprintOf(each));
        const all = [fingerprintOf(given), fingerprintOf(given, [first]), ...variants];
        expect(new Set(all).size).toBe(all.length);
      }),
      { numRuns: 30 },
    );
  });

  test("does not confuse where one file ends and the next begins", () => {
    expect(fingerprintOf({ a: "xb", b: "" })).not.toBe(fingerprintOf({ a: "x", b: "b" }));
    expect(fingerprintOf({ a: "x1:b:-:y" })).not.toBe(fingerprintOf({ a: "x", b: "y" }));
    expect(fingerprintOf({ "a/b": "c" })).not.toBe(fingerprintOf({ a: "b:-:1:c" }));
  });

  test("ignores times and group and other permissions", () => {
    const root = directoryWith({ a: "1" });
    const before = new BuildContext().addDirectory(root).fingerprint();
    utimesSync(path.join(root, "a"), 1, 1);
    chmodSync(path.join(root, "a"), 0o664);
    expect(new BuildContext().addDirectory(root).fingerprint()).toBe(before);
  });

  test("leaves out what .dockerignore leaves out, and .dockerignore itself", () => {
    const plain = { "app/main.py": "1", "keep.pyc": "2" };
    const noise = { ".dockerignore": "**/__pycache__\n*.pyc\n!keep.pyc\n", "app/__pycache__/x": "3", "drop.pyc": "4" };
    expect(fingerprintOf({ ...plain, ...noise })).toBe(fingerprintOf(plain));
  });

  test("does not count a file of this machine, which is sent all the same", () => {
    const bundle = path.join(directoryWith({ "ca.pem": "certificate" }), "ca.pem");
    const plain = new BuildContext().addText("Dockerfile", "FROM scratch");
    const before = plain.fingerprint();
    plain.addUnhashed("ca-certificates.crt", bundle);
    expect(plain.fingerprint()).toBe(before);
    expect(readFileSync(path.join(plain.stage(), "ca-certificates.crt"), "utf8")).toBe("certificate");
  });
});

test("a staged context holds what was added, with executable bits and nothing else", () => {
  const root = directoryWith({ "bin/tool": "#!/bin/sh\n", "data.txt": "d" }, ["bin/tool"]);
  const staged = new BuildContext().addDirectory(root, "sub").addText("Dockerfile", "FROM scratch").stage();
  const mode = (file: string): number => statSync(path.join(staged, file)).mode & 0o777;
  expect({ tool: mode("sub/bin/tool"), data: mode("sub/data.txt"), dockerfile: mode("Dockerfile") }).toEqual({
    tool: 0o755,
    data: 0o644,
    dockerfile: 0o644,
  });
});

test("a part has its own fingerprint", () => {
  const whole = new BuildContext().addText("a", "1").addText("b", "2");
  expect(whole.only((file) => file === "a").fingerprint()).toBe(new BuildContext().addText("a", "1").fingerprint());
});

test("fails for a link, which could point outside", () => {
  const root = directoryWith({ a: "1" });
  symlinkSync("/etc/passwd", path.join(root, "link"));
  expect(() => new BuildContext().addDirectory(root)).toThrow(
    `build context ${root} must hold files and directories only, got a link or special file: link`,
  );
});

test("fails for a directory that does not exist", () => {
  expect(() => new BuildContext().addDirectory("/nowhere")).toThrow("build context /nowhere does not exist");
});
