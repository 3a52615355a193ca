#!/usr/bin/env bash
# Unit tests: no Docker, no Terraform, no network beyond the npm packages. Further arguments go to jest.
set -euo pipefail
cd "$(dirname "$0")/.."
./tools/install.sh
exec npx jest "$@" --selectProjects unit
