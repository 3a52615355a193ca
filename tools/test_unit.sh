#!/usr/bin/env bash
# Unit tests: no Docker, no Terraform, no network beyond the npm packages. Further arguments go to jest.
set -euo pipefail
cd "$(dirname "$0")/.."
./tools/install.sh --all

# The tests run the skills' scripts, which need git and jq; the worker's image has both.
missing=()
for program in git jq; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [ ${#missing[@]} -gt 0 ]; then
  found=$(node --import tsx tools/program-path.ts "${missing[@]}")
  export PATH="$found:$PATH"
fi

exec npx jest "$@" --selectProjects unit
