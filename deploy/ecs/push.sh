#!/usr/bin/env bash
# Builds the five images as compose does, tagged with the commit, and pushes those to ECR that it does not have yet:
# [PIPELINE_EXTRAS=[tuning]] [SCENARIOS=scenarios.yaml] [SYNONYMS=synonyms.yaml] deploy/ecs/push.sh
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$here/../.."
# Uncommitted changes would be pushed under the commit's tag, and a tag cannot be pushed again.
if [ -z "${TAG:-}" ] && changed=$(git status --porcelain) && [ -n "$changed" ]; then
  printf 'expected a checkout without uncommitted changes, since the tag %s stands for the commit, found:\n%s\n' "$tag" "$changed" >&2
  echo "commit them, or give the build its own tag: TAG=…" >&2
  exit 1
fi
registry=$(output "$stack" Registry)

aws ecr get-login-password | docker login --username AWS --password-stdin "${registry%%/*}"

publish() { # publish IMAGE TAG DOCKERFILE FOLDER [BUILD ARGUMENT …]
  local name=$registry/$1:$2 arguments=() argument
  if aws ecr describe-images --repository-name "${registry#*/}/$1" --image-ids "imageTag=$2" >/dev/null 2>&1; then
    echo "$name is already there"
    return
  fi
  for argument in "${@:5}"; do arguments+=(--build-arg "$argument"); done
  docker build --platform linux/amd64 --file "deploy/docker/$3" "${arguments[@]}" --tag "$name" "$4"
  docker push "$name"
}
push() { # push IMAGE DOCKERFILE [BUILD ARGUMENT …]
  publish "$1" "$tag" "$2" . "REVISION=$tag" "${@:3}"
}
publish builder "$builder_tag" builder.Dockerfile . "REVISION=$tag" "PIPELINE_EXTRAS=${PIPELINE_EXTRAS:-}"
push embedder service.Dockerfile SERVICE=embedder PORT=8101 "LIBRARY_EXTRAS=[s3]" "SERVICE_EXTRAS="
push retriever service.Dockerfile SERVICE=retriever PORT=8102 "LIBRARY_EXTRAS=[s3]"
push ranker service.Dockerfile SERVICE=ranker PORT=8103 "LIBRARY_EXTRAS=[s3]" SYSTEM_PACKAGES=libgomp1
push gateway service.Dockerfile SERVICE=gateway PORT=8000
if [ -n "$scenarios" ]; then
  publish gateway "$scenarios_tag" scenarios.Dockerfile "$(dirname "$scenarios")" \
    "GATEWAY=$registry/gateway:$tag" "FILE=$(basename "$scenarios")"
fi
if [ -n "$synonyms" ]; then
  publish gateway "$gateway_tag" synonyms.Dockerfile "$(dirname "$synonyms")" \
    "GATEWAY=$registry/gateway:$scenarios_tag" "FILE=$(basename "$synonyms")"
fi
