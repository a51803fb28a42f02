# A shop's own synonyms upon the gateway's image, where no file can be mounted (deploy/ecs/push.sh); they are read at the start.
#
#   docker build -f deploy/docker/synonyms.Dockerfile --build-arg GATEWAY=shelfwise/gateway --build-arg FILE=synonyms.yaml FOLDER
ARG GATEWAY
FROM ${GATEWAY}
ARG FILE
COPY --chown=10001:10001 ["${FILE}", "/synonyms.yaml"]
ENV SHELFWISE_SYNONYMS=/synonyms.yaml
