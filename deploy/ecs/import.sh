#!/usr/bin/env bash
# Imports a shop's own files: deploy/ecs/import.sh products|events|judgements FILE … [--map MAP] [OPTION …]
# Files and maps of this machine are put into the bucket first; those that lie there already are named s3://BUCKET/imports/…
set -euo pipefail
kind=${1:?usage: import.sh products|events|judgements FILE … [--map MAP] [OPTION …]}
. "$(dirname "$0")/lib.sh"
# Only at the first time: later it is a release that changes the builder.
output "$stack-builder" Task >/dev/null 2>&1 || deploy_builder
folder=s3://$(output "$stack" Bucket)/imports/$(date -u +%Y%m%d-%H%M%S)

arguments=()
for argument in "${@:2}"; do
  if [ -f "$argument" ]; then
    # Its place tells files of one name apart.
    address=$folder/${#arguments[@]}/$(basename "$argument")
    aws s3 cp --only-show-errors "$argument" "$address"
    argument=$address
  fi
  arguments+=("$argument")
done
run_builder shelfwise import "$kind" ${arguments[@]+"${arguments[@]}"}
