# docker build \
#   --build-arg VERSION="$(cargo pkgid | sed 's/.*[#@]//')" \
#   --build-arg GIT_REVISION="$(git rev-parse HEAD)" \
#   --build-arg SOURCE=https://git.example.com/cluster-link-exporter \
#   --tag cluster-link-exporter .
#
# makes an image of one file, a static binary. `--target distroless` makes one with glibc, CA certificates and a zone
# database instead. Who has a static binary already need not compile: `--build-context static-build=FOLDER` takes the file
# `cluster-link-exporter` of that folder.

FROM rust:1.95-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS source
WORKDIR /build
# build.rs reads it from the environment; the context has no `.git` to ask.
ARG GIT_REVISION=unknown
ENV GIT_REVISION=$GIT_REVISION
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
COPY alerts/runbooks alerts/runbooks
COPY src src

FROM source AS glibc-build
ARG TARGETPLATFORM=native
# The caches keep downloads and compiled dependencies between builds, of each platform for itself; they are no part of the
# image, hence the copy.
RUN --mount=type=cache,id=cargo-registry,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=cluster-link-exporter-glibc-$TARGETPLATFORM,target=/build/target,sharing=locked \
    cargo build --profile dist --locked --bin cluster-link-exporter \
    && strip --output-file=/cluster-link-exporter target/dist/cluster-link-exporter \
    && /cluster-link-exporter --version

# glibc, libgcc, CA certificates and a user; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot@sha256:e2d29aec8061843706b7e484c444f78fafb05bfe47745505252b1769a05d14f1 AS distroless
ARG VERSION=unknown
ARG GIT_REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="cluster-link-exporter" \
      org.opencontainers.image.description="Prometheus exporter and alerting daemon for the tasks of Confluent Cluster Linking" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$GIT_REVISION"
COPY --from=glibc-build /cluster-link-exporter /usr/local/bin/cluster-link-exporter
USER 65532:65532
# The allocator gives memory back at once instead of when it next allocates or frees (docs/operations.md, "Figures").
ENV MIMALLOC_PURGE_DELAY=0
EXPOSE 10191
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/cluster-link-exporter", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/cluster-link-exporter"]

FROM source AS static-build
ARG TARGETPLATFORM=native
# musl's compiler is for the C of the cryptography and of the allocator.
# hadolint ignore=DL3008
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends musl-tools && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
RUN --mount=type=cache,id=cargo-registry,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=cluster-link-exporter-musl-$TARGETPLATFORM,target=/build/target,sharing=locked \
    target="$(uname -m)-unknown-linux-musl" \
    && cargo build --profile dist --locked --bin cluster-link-exporter --target "$target" \
    && strip --output-file=/cluster-link-exporter "target/$target/dist/cluster-link-exporter" \
    && /cluster-link-exporter --version

# Nothing but the program: where the system has no CA certificates, it brings its own.
FROM scratch AS static
ARG VERSION=unknown
ARG GIT_REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="cluster-link-exporter" \
      org.opencontainers.image.description="Prometheus exporter and alerting daemon for the tasks of Confluent Cluster Linking" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$GIT_REVISION"
COPY --from=static-build /cluster-link-exporter /usr/local/bin/cluster-link-exporter
# A number, because Kubernetes' `runAsNonRoot` cannot judge a name.
USER 65532:65532
# The allocator gives memory back at once instead of when it next allocates or frees (docs/operations.md, "Figures").
ENV MIMALLOC_PURGE_DELAY=0
EXPOSE 10191
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/cluster-link-exporter", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/cluster-link-exporter"]
