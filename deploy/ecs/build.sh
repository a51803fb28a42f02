#!/usr/bin/env bash
# Brings the builder up to this commit and runs it to its end: deploy/ecs/build.sh [Demo=full|small|none] [TuneEncoder=true] [Schedule=…]
# PIPELINE_EXTRAS=[tuning] before it takes the builder that push.sh made with the same extras.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

deploy_builder "$@"
run_builder
