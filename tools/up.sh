#!/usr/bin/env bash
# Brings a fleet up: ./tools/up.sh [environment] [--run] [-y]; the environment is demo when none is named.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  printf 'MISSING %s: found %s, required %s\n        fix: %s\n' "$1" "$2" "$3" "$4" >&2
  exit 78
}

node='install Node.js 20.19 or later: from https://nodejs.org, or on Debian 13 with apt-get install nodejs npm (the packages of earlier releases are too old)'
command -v node >/dev/null || missing Node.js none '>= 20.19' "$node"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  missing Node.js "$(node --version)" '>= 20.19' "$node"
command -v npm >/dev/null || missing npm none 'the npm that comes with Node.js' 'install npm (on Debian: apt-get install npm)'

./tools/install.sh
exec node --import tsx cli/codex-fleet.ts up "$@"
