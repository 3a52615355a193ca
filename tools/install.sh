#!/usr/bin/env bash
# Installs the npm packages when they are missing or differ from package-lock.json.
set -euo pipefail
cd "$(dirname "$0")/.."

installed() {
  [ -f node_modules/.package-lock.json ] && node -e '
    const packages = (file) => JSON.parse(require("fs").readFileSync(file, "utf8")).packages;
    const found = packages("node_modules/.package-lock.json");
    const wanted = Object.entries(packages("package-lock.json")).filter(([path, { optional, devOptional }]) => path && !optional && !devOptional);
    process.exit(wanted.every(([path, { version }]) => found[path]?.version === version) ? 0 : 1);'
}

installed && exit 0
echo "installing npm packages"
npm ci --no-progress
