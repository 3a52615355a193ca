#!/usr/bin/env bash
# Integration and end-to-end tests: real RabbitMQ, PostgreSQL, Celery, Codex, Spec Kit, Docker and Terraform.
# Needs root or a user of the docker group. Further arguments go to jest.
set -euo pipefail
cd "$(dirname "$0")/.."
./tools/install.sh --all
node tools/bundle.mjs
exec npx jest --selectProjects integration e2e --runInBand "$@"
