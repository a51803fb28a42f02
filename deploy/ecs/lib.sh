# shellcheck shell=bash disable=SC2034
# Shared by the other scripts of this folder, which source it in bash.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null && pwd)
stack=${STACK:-shelfwise}
tag=${TAG:-$(git -C "$here" rev-parse --short=12 HEAD)}

# A tag always means the same build, so everything that an image holds beside the commit is part of its tag.
extras=$(printf %s "${PIPELINE_EXTRAS:-}" | tr -dc '[:alnum:]')
builder_tag=$tag${extras:+-$extras}
absolute() { # absolute FILE
  echo "$(cd "$(dirname "$1")" >/dev/null && pwd)/$(basename "$1")"
}
layered() { # layered TAG FILE: the tag of the image TAG with FILE as one more layer
  echo "$1-$(git hash-object "$2" | cut -c 1-12)"
}
scenarios="" synonyms="" scenarios_tag=$tag
if [ -n "${SCENARIOS:-}" ]; then
  scenarios=$(absolute "$SCENARIOS")
  scenarios_tag=$(layered "$tag" "$scenarios")
fi
gateway_tag=$scenarios_tag
if [ -n "${SYNONYMS:-}" ]; then
  synonyms=$(absolute "$SYNONYMS")
  gateway_tag=$(layered "$scenarios_tag" "$synonyms")
fi

output() { # output STACK NAME
  aws cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue" --output text
}

deploy_builder() { # deploy_builder [NAME=VALUE …]: updates the builder to this commit
  aws cloudformation deploy --no-fail-on-empty-changeset --stack-name "$stack-builder" --template-file "$here/builder.yaml" \
    --capabilities CAPABILITY_IAM --parameter-overrides Platform="$stack" ImageTag="$builder_tag" "$@"
}

run_builder() { # run_builder [WORD …]: runs the builder's task to its end, with these words as its command or with its own; prints its log
  local cluster network started task reason id state code overrides=()
  cluster=$(output "$stack" Cluster)
  network="subnets=[$(output "$stack" SubnetIds)],securityGroups=[$(output "$stack" TasksSecurityGroup)]"
  network="$network,assignPublicIp=$(output "$stack" AssignPublicIp)"
  [ $# = 0 ] || overrides=(--overrides "{\"containerOverrides\": [{\"name\": \"builder\", \"command\": $(json_list "$@")}]}")
  started=$(aws ecs run-task --cluster "$cluster" --launch-type FARGATE --task-definition "$(output "$stack-builder" Task)" \
    --network-configuration "awsvpcConfiguration={$network}" ${overrides[@]+"${overrides[@]}"} \
    --query "[tasks[0].taskArn, failures[0].reason]" --output text)
  IFS=$'\t' read -r task reason <<<"$started"
  [ "$task" != None ] || { echo "expected the builder to start, found: $reason" >&2; return 1; }
  id=${task##*/}
  echo "the builder is running; to follow its log: aws logs tail --follow $(output "$stack-builder" Logs)"

  # The waiter of the AWS CLI gives up after ten minutes. A large shop takes longer.
  while state=$(task_says "$cluster" "$task" lastStatus) || return 1; [ "$state" != STOPPED ]; do sleep 10; done
  # A task that never started has no log.
  aws logs get-log-events --log-group-name "$(output "$stack-builder" Logs)" --log-stream-name "builder/builder/$id" \
    --start-from-head --query "events[].[message]" --output text || true
  code=$(task_says "$cluster" "$task" "containers[0].exitCode")
  [ "$code" = 0 ] || {
    # A task can have no code, for example if its image could not be pulled.
    reason="$(task_says "$cluster" "$task" stoppedReason); $(task_says "$cluster" "$task" "containers[0].reason")"
    echo "expected the builder to end with code 0, found $code: ${reason%; None}" >&2
    return 1
  }
}

task_says() { # task_says CLUSTER TASK FIELD: asks again for five minutes, since a failed request does not mean a failed task
  local try
  for try in {1..30}; do
    [ "$try" = 1 ] || sleep 10
    aws ecs describe-tasks --cluster "$1" --tasks "$2" --query "tasks[0].$3" --output text && return
  done
  echo "expected an answer about the builder's task within five minutes, found none; the task may still be running: $2" >&2
  return 1
}

json_list() { # json_list WORD …
  local separator="" word
  printf '['
  for word in "$@"; do
    printf '%s"%s"' "$separator" "$(printf %s "$word" | sed 's/["\\]/\\&/g')"
    separator=', '
  done
  printf ']'
}
