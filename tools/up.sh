#!/usr/bin/env bash
# Brings a fleet up: ./tools/up.sh [environment] [--run] [-y]; the environment is demo when none is named.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  printf 'MISSING %s: found %s, required %s\n        fix: %s\n' "$1" "$2" "$3" "$4" >&2
  exit 78
}

command -v node >/dev/null || missing Node.js none '>= 20.19' 'install Node.js 20.19 or later'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  missing Node.js "$(node --version)" '>= 20.19' 'install Node.js 20.19 or later'
command -v npm >/dev/null || missing npm none 'the npm that comes with Node.js' 'install npm'

./tools/install.sh
exec npm run -s fleet -- up "$@"
