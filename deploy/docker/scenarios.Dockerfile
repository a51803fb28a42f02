# A shop's own scenarios upon the gateway's image, where no file can be mounted (deploy/ecs/push.sh); they are read at the start.
#
#   docker build -f deploy/docker/scenarios.Dockerfile --build-arg GATEWAY=shelfwise/gateway --build-arg FILE=scenarios.yaml FOLDER
ARG GATEWAY
FROM ${GATEWAY}
ARG FILE
COPY --chown=10001:10001 ["${FILE}", "/scenarios.yaml"]
ENV SHELFWISE_SCENARIOS=/scenarios.yaml
