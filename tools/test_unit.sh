#!/usr/bin/env bash
# Unit tests: no Docker, no Terraform, no network beyond the npm packages. Further arguments go to jest.
set -euo pipefail
cd "$(dirname "$0")/.."

# The skills' own scripts are run, and those are written for the worker's image, which has both.
for program in git jq; do
  command -v "$program" >/dev/null && continue
  echo "the unit tests need $program, found none: install it, for example with apt-get install git jq" >&2
  exit 78
done

./tools/install.sh --all
exec npx jest "$@" --selectProjects unit
