#!/usr/bin/env bash
# Destroys a fleet and keeps its data: ./tools/down.sh [environment] [-y]; the environment is demo when none is named.
set -euo pipefail
cd "$(dirname "$0")/.."
./tools/install.sh
exec node --import tsx cli/codex-fleet.ts down "$@"
