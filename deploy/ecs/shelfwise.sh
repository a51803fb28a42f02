#!/usr/bin/env bash
# Runs a `shelfwise` command in the builder's task: deploy/ecs/shelfwise.sh bundles | rollback | publish VERSION | build --force …
set -euo pipefail
: "${1:?usage: shelfwise.sh COMMAND [ARGUMENT …]}"
. "$(dirname "$0")/lib.sh"
run_builder shelfwise "$@"
