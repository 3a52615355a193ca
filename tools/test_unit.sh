#!/usr/bin/env bash
# Unit tests: no Docker, no Terraform, no network beyond the npm packages. Further arguments go to jest.
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests run the skills' scripts, which need git and jq; the worker's image has both.
for program in git jq; do
  command -v "$program" >/dev/null && continue
  echo "the unit tests need $program, which was not found: install it, for example with apt-get install git jq" >&2
  exit 78
done

./tools/install.sh
exec npx jest "$@" --selectProjects unit
