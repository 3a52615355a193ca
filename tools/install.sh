#!/usr/bin/env bash
# Installs the npm packages that a fleet comes up with, when they are missing or differ from package-lock.json. With --all it
# also installs those of tools/development: tests, linters and CDK for Terraform's own command line, four times as many files.
set -euo pipefail
cd "$(dirname "$0")/.."

# npm writes this file last, so what was interrupted has none.
record=node_modules/.package-lock.json

# installed DIRECTORY...: what is there is what package-lock.json says, and the packages of these directories are there.
installed() {
  [ -f $record ] && node -e '
    const [record, ...directories] = process.argv.slice(1);
    const { existsSync, readFileSync } = require("fs");
    const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const [found, wanted] = [packages(record), packages("package-lock.json")];
    const same = Object.entries(found).every(([path, { version }]) => !wanted[path] || wanted[path].version === version);
    const names = directories.flatMap((path) => Object.keys({ ...wanted[path].dependencies, ...wanted[path].devDependencies }));
    process.exit(same && names.every((name) => found["node_modules/" + name] && existsSync("node_modules/" + name)) ? 0 : 1);' $record "$@"
}

if [ "${1:-}" != --all ]; then
  installed "" && exit 0
  echo "installing npm packages"
  # None of these needs its install script.
  exec npm ci --no-workspaces --ignore-scripts --no-progress
fi

installed "" tools/development && exit 0
echo "installing npm packages, those for development too"
installed "" || exec npm ci --no-progress
# A fleet may run with what is there: it is added to, not replaced.
rm $record
exec npm install --no-save --no-progress
