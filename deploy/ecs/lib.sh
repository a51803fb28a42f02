# shellcheck shell=bash disable=SC2034
# For the scripts beside it, to be sourced in bash.
stack=${STACK:-shelfwise}
tag=${TAG:-$(git rev-parse --short=12 HEAD)}

output() { # output STACK NAME
  aws cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue" --output text
}
