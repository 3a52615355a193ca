import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../process/run-program";
import type { ProgramName } from "./program-packages";

/** Path of the certificates in a tree that has any. */
export const CERTIFICATES = "etc/ssl/certs/ca-certificates.crt";

/** Path at which Debian's programs look for trusted certificates. */
export const SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Makes programs run from the directory of their unpacked packages, although they were built for /usr. The programs for PATH
 * are then in the tree's `bin`.
 */
export async function relocate(program: ProgramName, tree: string): Promise<void> {
  for (const part of ["doc", "man", "info", "locale", "lintian", "bug"])
    rmSync(path.join(tree, "usr/share", part), { recursive: true, force: true });
  wrapPrograms(tree);
  bundleCertificates(tree);
  mkdirSync(path.join(tree, "bin"), { recursive: true });
  await RELOCATIONS[program](tree);
}

const RELOCATIONS: Readonly<Record<ProgramName, (tree: string) => void | Promise<void>>> = {
  rabbitmq: (tree) => {
    // The start scripts contain the path of the runtime.
    const runtime = "/usr/lib/erlang";
    rewrite(tree, /^usr\/lib\/erlang\/bin\/(erl|start_erl)$/, `=${runtime}`, `=${quoted(path.join(tree, runtime))}`);
    for (const name of ["erl", "epmd"]) entry(tree, name, `usr/lib/erlang/bin/${name}`);
  },
  // PostgreSQL finds its files relative to its programs.
  postgres: (tree) => {
    const server = filesOf(tree).find((file) => /^usr\/lib\/postgresql\/\d+\/bin\/postgres$/.test(file))!;
    for (const name of ["initdb", "postgres", "pg_isready"]) entry(tree, name, path.join(path.dirname(server), name));
  },
  python: async (tree) => {
    // Debian's ensurepip takes pip from another package, and that pip uses the system's certificates.
    const places = /^usr\/lib\/python3[^/]*\/_sysconfigdata[^/]*\.py$/;
    const ours = (place: string) => path.join(tree, place).replaceAll("'", "\\'");
    rewrite(tree, places, "/usr/share/python-wheels", ours("/usr/share/python-wheels"));
    rewrite(tree, places, ":/etc/zoneinfo", `:/etc/zoneinfo:${ours("/usr/share/zoneinfo")}`);
    entry(tree, "python3", "usr/bin/python3");
    const wheel = filesOf(tree).find((file) => /^usr\/share\/python-wheels\/pip-.*\.whl$/.test(file))!;
    const bundle = path.join(tree, CERTIFICATES);
    const done = await runCommand(path.join(tree, "bin/python3"), [
      "-c",
      REWRITE_WHEEL,
      path.join(tree, wheel),
      SYSTEM_CERTIFICATES,
      bundle,
    ]);
    if (!done.ok) throw new Error(`${wheel} cannot be rewritten: ${done.stderr}`);
  },
  git: (tree) => {
    const variable = (name: string, file: string) => `export ${name}=${quoted(path.join(tree, file))}`;
    entry(tree, "git", "usr/bin/git", [
      variable("GIT_EXEC_PATH", "usr/lib/git-core"),
      variable("GIT_TEMPLATE_DIR", "usr/share/git-core/templates"),
      `[ -n "\${GIT_SSL_CAINFO:-}" ] || [ -e ${SYSTEM_CERTIFICATES} ] || ${variable("GIT_SSL_CAINFO", CERTIFICATES)}`,
    ]);
  },
  jq: (tree) => entry(tree, "jq", "usr/bin/jq"),
};

/** Makes pip use a second file of certificates when the first does not exist. */
const REWRITE_WHEEL = `
import os, sys, zipfile
wheel, theirs, ours = sys.argv[1:]
choice = f"(lambda theirs, ours: theirs if __import__('os').path.exists(theirs) else ours)({theirs!r}, {ours!r})"
with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(wheel + ".new", "w", zipfile.ZIP_DEFLATED) as new:
    for item in old.infolist():
        content = old.read(item)
        if item.filename == "pip/_vendor/certifi/core.py":
            content = content.replace(repr(theirs).encode(), choice.encode())
        new.writestr(item, content)
os.replace(wheel + ".new", wheel)
`;

/**
 * Replaces every program by a script that starts it with the tree's libraries. An environment variable would do the same, but
 * child processes, which do not belong to the tree, would inherit it.
 */
function wrapPrograms(tree: string): void {
  const files = filesOf(tree);
  const libraries = [...new Set(files.filter((file) => LIBRARY.test(file)).map((file) => path.dirname(file)))]
    .filter((directory) => /^(usr\/)?lib(\/[^/]+-linux-gnu[^/]*)?$/.test(directory))
    .map((directory) => path.join(tree, directory))
    .sort();
  for (const name of files.filter((file) => !LIBRARY.test(file))) {
    const file = path.join(tree, name);
    const loader = programLoader(file);
    if (loader === undefined) continue;
    const kept = path.join(path.dirname(name), `.${path.basename(name)}`);
    renameSync(file, path.join(tree, kept));
    script(file, [`exec ${loader} --argv0 "$0" --library-path ${quoted(libraries.join(":"))} ${quoted(path.join(tree, kept))} "$@"`]);
  }
}

const LIBRARY = /\.so(\.[\d.]+)?$/;

/** Files of a tree, without links. */
function filesOf(tree: string): string[] {
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true });
  return entries.filter((file) => file.isFile()).map((file) => path.relative(tree, path.join(file.parentPath, file.name)));
}

/** The loader of an executable; undefined for any file that is not a dynamically linked program. */
function programLoader(file: string): string | undefined {
  const descriptor = openSync(file, "r");
  try {
    const head = Buffer.alloc(4096);
    const length = readSync(descriptor, head, 0, head.length, 0);
    if (head.subarray(0, 4).toString("latin1") !== "\u007fELF") return undefined;
    return /\/lib(?:64)?\/ld-linux[\w.-]*\.so\.\d/.exec(head.subarray(0, length).toString("latin1"))?.[0];
  } finally {
    closeSync(descriptor);
  }
}

/** Adds a program to the tree's `bin`. */
function entry(tree: string, name: string, program: string, before: readonly string[] = []): void {
  script(path.join(tree, "bin", name), [...before, `exec ${quoted(path.join(tree, program))} "$@"`]);
}

function script(file: string, lines: readonly string[]): void {
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
}

/** Replaces a text in all matching files. */
function rewrite(tree: string, files: RegExp, from: string, to: string): void {
  for (const name of filesOf(tree).filter((file) => files.test(file))) {
    const file = path.join(tree, name);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replaceAll(from, () => to),
    );
  }
}

/** Concatenates the package's certificates, as `update-ca-certificates` does when the package is installed. */
function bundleCertificates(tree: string): void {
  const files = filesOf(tree).filter((file) => /^usr\/share\/ca-certificates\/.*\.crt$/.test(file));
  if (files.length === 0) return;
  const bundle = path.join(tree, CERTIFICATES);
  mkdirSync(path.dirname(bundle), { recursive: true });
  writeFileSync(
    bundle,
    files
      .sort()
      .map((file) => `${readFileSync(path.join(tree, file), "utf8").trimEnd()}\n`)
      .join(""),
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
