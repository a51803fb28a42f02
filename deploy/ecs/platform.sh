#!/usr/bin/env bash
# Creates or updates cluster, image repositories, bucket and database: deploy/ecs/platform.sh VPC SUBNET,SUBNET [NAME=VALUE …]
# The values are parameters of platform.yaml (AssignPublicIp=ENABLED) and database.yaml (MultiAz=true, ExistingUrlSecretArn=…).
set -euo pipefail
cd "$(dirname "$0")"
vpc=${1:?usage: platform.sh VPC SUBNET,SUBNET [NAME=VALUE …]} subnets=${2:?expected at least two subnets, separated by a comma}
stack=${STACK:-shelfwise}

platform=() database=()
for parameter in "${@:3}"; do
  case $parameter in
    AssignPublicIp=*) platform+=("$parameter") ;;
    *) database+=("$parameter") ;;
  esac
done
aws cloudformation deploy --no-fail-on-empty-changeset --stack-name "$stack" --template-file platform.yaml \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
  --parameter-overrides VpcId="$vpc" SubnetIds="$subnets" ${platform[@]+"${platform[@]}"}
aws cloudformation deploy --no-fail-on-empty-changeset --stack-name "$stack-database" --template-file database.yaml \
  --capabilities CAPABILITY_IAM --parameter-overrides Platform="$stack" ${database[@]+"${database[@]}"}
