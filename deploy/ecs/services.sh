#!/usr/bin/env bash
# Deploys the four services of this commit behind a load balancer:
# [SCENARIOS=scenarios.yaml] [SYNONYMS=synonyms.yaml] deploy/ecs/services.sh PUBLIC_SUBNET,PUBLIC_SUBNET AllowedCidr=… [NAME=VALUE …]
# The values are parameters of services.yaml: CertificateArn=…, ApiKeysSecretArn=…, Scheme=internal, AlarmTopicArn=…; the stack
# remembers them. SCENARIOS and SYNONYMS select the gateway image that push.sh built with the same files.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
subnets=${1:?usage: services.sh PUBLIC_SUBNET,PUBLIC_SUBNET AllowedCidr=… [NAME=VALUE …]}

packaged=$(mktemp)
trap 'rm -f "$packaged"' EXIT
aws cloudformation package --template-file "$here/services.yaml" --s3-bucket "$(output "$stack" Bucket)" --s3-prefix templates \
  --output-template-file "$packaged" >/dev/null
aws cloudformation deploy --no-fail-on-empty-changeset --stack-name "$stack-services" --template-file "$packaged" \
  --capabilities CAPABILITY_IAM --parameter-overrides Platform="$stack" ImageTag="$tag" GatewayTag="$gateway_tag" \
  PublicSubnetIds="$subnets" "${@:2}"
key=$(output "$stack-services" ApiKeysSecretArn)
[ "$key" = none ] || echo "to read the API key: aws secretsmanager get-secret-value --secret-id $key --query SecretString --output text" >&2
output "$stack-services" Url
