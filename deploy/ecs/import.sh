#!/usr/bin/env bash
# Imports your own files: deploy/ecs/import.sh products|events|judgements FILE … [--map MAP] [OPTION …]
# Uploads local files and maps to the bucket first. Name files that are already in the bucket as s3://BUCKET/imports/…
set -euo pipefail
kind=${1:?usage: import.sh products|events|judgements FILE … [--map MAP] [OPTION …]}
. "$(dirname "$0")/lib.sh"
# Only the first time. Later, only a release changes the builder.
output "$stack-builder" Task >/dev/null 2>&1 || deploy_builder
folder=s3://$(output "$stack" Bucket)/imports/$(date -u +%Y%m%d-%H%M%S)

arguments=()
for argument in "${@:2}"; do
  if [ -f "$argument" ]; then
    # The position in the command keeps files with the same name apart.
    address=$folder/${#arguments[@]}/$(basename "$argument")
    aws s3 cp --only-show-errors "$argument" "$address"
    argument=$address
  fi
  arguments+=("$argument")
done
run_builder shelfwise import "$kind" ${arguments[@]+"${arguments[@]}"}
