#!/usr/bin/env bash
# Builds the five images as compose does and pushes them to ECR, tagged with the commit: [PIPELINE_EXTRAS=[tuning]] deploy/ecs/push.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/ecs/lib.sh
registry=$(output "$stack" Registry)

aws ecr get-login-password | docker login --username AWS --password-stdin "${registry%%/*}"

push() { # push IMAGE DOCKERFILE [BUILD ARGUMENT …]
  local arguments=(--build-arg "REVISION=$tag")
  for argument in "${@:3}"; do arguments+=(--build-arg "$argument"); done
  docker build --platform linux/amd64 --file "deploy/docker/$2" "${arguments[@]}" --tag "$registry/$1:$tag" .
  docker push "$registry/$1:$tag"
}
push builder builder.Dockerfile "PIPELINE_EXTRAS=${PIPELINE_EXTRAS:-}"
push embedder service.Dockerfile SERVICE=embedder PORT=8101 "LIBRARY_EXTRAS=[s3]"
push retriever service.Dockerfile SERVICE=retriever PORT=8102 "LIBRARY_EXTRAS=[s3]"
push ranker service.Dockerfile SERVICE=ranker PORT=8103 "LIBRARY_EXTRAS=[s3]" SYSTEM_PACKAGES=libgomp1
push gateway service.Dockerfile SERVICE=gateway PORT=8000
