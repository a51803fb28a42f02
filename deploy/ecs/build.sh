#!/usr/bin/env bash
# Brings the builder up to this commit and runs it to its end: deploy/ecs/build.sh [Demo=full|small|none] [TuneEncoder=true] [Schedule=…]
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/ecs/lib.sh

aws cloudformation deploy --no-fail-on-empty-changeset --stack-name "$stack-builder" --template-file deploy/ecs/builder.yaml \
  --capabilities CAPABILITY_IAM --parameter-overrides Platform="$stack" ImageTag="$tag" "$@"

network="subnets=[$(output "$stack" SubnetIds)],securityGroups=[$(output "$stack" TasksSecurityGroup)]"
network="$network,assignPublicIp=$(output "$stack" AssignPublicIp)"
task=$(aws ecs run-task --cluster "$(output "$stack" Cluster)" --launch-type FARGATE \
  --task-definition "$(output "$stack-builder" Task)" --network-configuration "awsvpcConfiguration={$network}" \
  --query "tasks[0].taskArn" --output text)
echo "building; its log: aws logs tail --follow $(output "$stack-builder" Logs)"

status() { # status FIELD
  aws ecs describe-tasks --cluster "$(output "$stack" Cluster)" --tasks "$task" --query "tasks[0].$1" --output text
}

# A waiter gives up after ten minutes; a large shop takes longer.
while state=$(status lastStatus) && [ "$state" != STOPPED ]; do sleep 10; done
code=$(status "containers[0].exitCode")
[ "$code" = 0 ] || { echo "expected the builder to end with 0, found $code: $(status stoppedReason)" >&2; exit 1; }
