# One recipe for the four services; compose.yaml and deploy/ecs/push.sh name what differs in the arguments.
#
#   docker build -f deploy/docker/service.Dockerfile --build-arg SERVICE=ranker --build-arg PORT=8103 \
#     --build-arg SYSTEM_PACKAGES=libgomp1 --tag shelfwise/ranker .
#
# Needs no BuildKit: any engine, and the builders that speak the classic format, make the same image.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG SERVICE
# Extras of the shared library: [s3] for whoever opens bundles, so that the image of compose is the image of production.
ARG LIBRARY_EXTRAS=""
# "[torch]" for the embedder's reference engine: a gigabyte more.
ARG SERVICE_EXTRAS=""
# What builds the packages has its version, too: from the first variable for a pip before 25.3, from the second for a later one.
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt
RUN test -n "$SERVICE" || { echo "expected --build-arg SERVICE=embedder|retriever|ranker|gateway, found none" >&2; exit 1; } \
 && python -m venv /opt/shelfwise
ENV PATH=/opt/shelfwise/bin:$PATH
WORKDIR /source

# Dependencies from the metadata alone, so that changed code does not install them again.
COPY constraints.txt ./
COPY libs/shelfwise/pyproject.toml libs/shelfwise/
COPY services/${SERVICE}/pyproject.toml services/${SERVICE}/
COPY scripts/install_torch.sh scripts/
RUN case "${SERVICE_EXTRAS}" in *torch*) sh scripts/install_torch.sh pip ;; esac \
 && pip install --constraint constraints.txt "./libs/shelfwise${LIBRARY_EXTRAS}" "./services/${SERVICE}${SERVICE_EXTRAS}"

COPY libs/shelfwise libs/shelfwise
COPY services/${SERVICE} services/${SERVICE}
RUN pip install --no-deps --force-reinstall ./libs/shelfwise "./services/${SERVICE}" \
 && pip check \
 && pip uninstall --yes setuptools pip


FROM ${PYTHON_IMAGE}
ARG SERVICE
ARG PORT
ARG SYSTEM_PACKAGES=""
# The base image's own pip goes: nothing in a running service installs anything.
RUN if [ -n "$SYSTEM_PACKAGES" ]; then \
      apt-get update && apt-get install --yes --no-install-recommends $SYSTEM_PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi \
 && rm -rf /usr/local/lib/python3.11/ensurepip /usr/local/lib/python3.11/site-packages/* /usr/local/bin/pip* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin shelfwise \
 && mkdir /bundles && chown shelfwise:shelfwise /bundles
COPY --from=build /opt/shelfwise /opt/shelfwise
COPY deploy/docker/healthcheck.py /usr/local/bin/healthcheck.py

# Everything was compiled by the build, and the root file system is read-only: no bytecode is written at run time.
# A service has its own setting for compute threads; a library's pool beside them would only take CPU from the others.
ENV PATH=/opt/shelfwise/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    POLARS_MAX_THREADS=1 \
    SERVICE=${SERVICE} \
    SHELFWISE_HOST=0.0.0.0 \
    SHELFWISE_PORT=${PORT} \
    SHELFWISE_BUNDLES=/bundles \
    SHELFWISE_BUNDLE_CACHE=/tmp/bundles
USER 10001:10001
WORKDIR /tmp
# The one writable place. Fargate mounts it as a task volume and takes owner and mode from here.
VOLUME ["/tmp"]
EXPOSE ${PORT}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["python", "-IS", "/usr/local/bin/healthcheck.py"]
CMD ["sh", "-c", "exec python -m shelfwise_${SERVICE}"]

# Last, because a new revision must not invalidate the layers above.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shelfwise-${SERVICE}" \
      org.opencontainers.image.description="Shelfwise ${SERVICE}: product recommendations as a service" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
