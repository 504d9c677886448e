# docker build \
#   --build-arg VERSION="$(cargo pkgid | sed 's/.*[#@]//')" \
#   --build-arg GIT_REVISION="$(git rev-parse HEAD)" \
#   --build-arg SOURCE=https://git.example.com/cluster-link-exporter \
#   --tag cluster-link-exporter .

FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
# build.rs reads it from the environment; the context has no `.git` to ask.
ARG GIT_REVISION=unknown
ENV GIT_REVISION=$GIT_REVISION
# The caches keep downloads and compiled dependencies between builds; they are no part of the image, hence the copy.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    cargo build --release --locked --bin cluster-link-exporter \
    && cp target/release/cluster-link-exporter /usr/local/bin/

# glibc, libgcc, CA certificates and a user; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=unknown
ARG GIT_REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="cluster-link-exporter" \
      org.opencontainers.image.description="Prometheus exporter and alerting daemon for the tasks of Confluent Cluster Linking" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$GIT_REVISION"
COPY --from=build /usr/local/bin/cluster-link-exporter /usr/local/bin/cluster-link-exporter
# A number, because Kubernetes' `runAsNonRoot` cannot judge a name.
USER 65532:65532
EXPOSE 10191
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/cluster-link-exporter", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/cluster-link-exporter"]
