import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CERTIFICATES, relocate } from "../../../../cli/packages/relocate";

/** Trees as packages leave them, with programs of this machine in them. */

let tree: string;

beforeEach(() => {
  // A name as a home directory may have one.
  tree = path.join(mkdtempSync(path.join(tmpdir(), "fleet-tree-")), "o'hara's cache");
});

afterEach(() => {
  rmSync(path.dirname(tree), { recursive: true, force: true });
});

function put(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
  writeFileSync(path.join(tree, file), content);
}

function putProgram(file: string, program: string): void {
  mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
  copyFileSync(program, path.join(tree, file));
  chmodSync(path.join(tree, file), 0o755);
}

const linux = process.platform === "linux" ? test : test.skip;

linux("a program is started with the libraries of its tree, under its own name, and passes no variable on", async () => {
  putProgram("usr/bin/jq", "/bin/sh");
  put("usr/lib/x86_64-linux-gnu/libjq.so.1", "");
  put("usr/lib/x86_64-linux-gnu/deeper/libother.so", "");
  await relocate("jq", tree);
  symlinkSync("jq", path.join(tree, "usr/bin/other"));
  const said = spawnSync(
    path.join(tree, "usr/bin/other"),
    ["-c", 'echo "$0 $1"; env | grep LD_; tr "\\0" "\\n" </proc/$$/cmdline', "a b", "c"],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    },
  );
  const [words, loader, ...args] = said.stdout.split("\n");
  expect(words).toBe("a b c");
  expect(loader).toMatch(/^\/lib(64)?\/ld-linux-[\w-]+\.so\.\d$/);
  expect(args.slice(0, 5)).toEqual([
    "--argv0",
    path.join(tree, "usr/bin/other"),
    "--library-path",
    path.join(tree, "usr/lib/x86_64-linux-gnu"),
    path.join(tree, "usr/bin/.jq"),
  ]);
});

linux("git finds its other programs, its templates and certificates, unless the caller has some", async () => {
  putProgram("usr/bin/git", "/bin/sh");
  put("usr/share/ca-certificates/mozilla/B.crt", "second");
  put("usr/share/ca-certificates/mozilla/A.crt", "first\n");
  put("usr/share/doc/git/copyright", "");
  await relocate("git", tree);
  expect(readFileSync(path.join(tree, CERTIFICATES), "utf8")).toBe("first\nsecond\n");
  expect(existsSync(path.join(tree, "usr/share/doc"))).toBe(false);
  const variables = (env: NodeJS.ProcessEnv) => {
    const script = 'echo "$GIT_EXEC_PATH"; echo "$GIT_TEMPLATE_DIR"; echo "${GIT_SSL_CAINFO:-}"';
    return spawnSync(path.join(tree, "bin/git"), ["-c", script], { encoding: "utf8", env }).stdout.split("\n");
  };
  expect(variables({ GIT_SSL_CAINFO: "/own.crt" })).toEqual([
    path.join(tree, "usr/lib/git-core"),
    path.join(tree, "usr/share/git-core/templates"),
    "/own.crt",
    "",
  ]);
  const system = existsSync("/etc/ssl/certs/ca-certificates.crt");
  expect(variables({})[2]).toBe(system ? "" : path.join(tree, CERTIFICATES));
});

linux("RabbitMQ's Erlang and PostgreSQL have what belongs on a search path", async () => {
  put("usr/lib/erlang/bin/erl", '#!/bin/sh\nROOTDIR=/usr/lib/erlang\necho "$ROOTDIR $*"\n');
  chmodSync(path.join(tree, "usr/lib/erlang/bin/erl"), 0o755);
  await relocate("rabbitmq", tree);
  const erl = spawnSync(path.join(tree, "bin/erl"), ["-version"], { encoding: "utf8" });
  expect(erl.stdout).toBe(`${path.join(tree, "usr/lib/erlang")} -version\n`);

  for (const name of ["initdb", "postgres", "pg_isready"]) putProgram(`usr/lib/postgresql/17/bin/${name}`, "/bin/true");
  await relocate("postgres", tree);
  expect(["initdb", "postgres", "pg_isready"].map((name) => spawnSync(path.join(tree, "bin", name)).status)).toEqual([0, 0, 0]);
});
