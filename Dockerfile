# The static binary and nothing else: no shell, no libc, no root.
# docs/ci.md shows how it is used.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /source
COPY . .
# A target that is named keeps the flags away from build scripts and macros. The
# second flag: random numbers come from the kernel's call, not from /dev/urandom,
# which a static binary falls back to and an empty tree lacks.
RUN host="$(rustc -vV | sed -n 's/^host: //p')" \
    && RUSTFLAGS='-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"' \
    cargo build --release --locked --target "$host" --target-dir /target \
    && install -D "/target/$host/release/spfc" /image/spfc

FROM scratch
COPY --from=build /image/spfc /spfc
# nobody: the binary needs no user of its own, and writes where it is told to.
USER 65534:65534
WORKDIR /work
ENTRYPOINT ["/spfc"]
