#!/usr/bin/env bash
# Updates the builder to this commit and runs it to its end:
# [PIPELINE_EXTRAS=[tuning]] deploy/ecs/build.sh [Demo=full|small|none] [TuneEncoder=true] [Schedule=…]
# PIPELINE_EXTRAS selects the builder image that push.sh built with the same extras.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

deploy_builder "$@"
run_builder
