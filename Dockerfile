FROM oven/bun:1.4.5-slim AS dependencies
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --production

FROM oven/bun:1.4.5-slim
# For GIT_SYNC_REPO: by https, by ssh, and the signatures of both kinds.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git gpg openssh-client \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json bunfig.toml tsconfig.json routes.yaml ./
COPY schemas schemas
COPY src src
RUN mkdir data logs && chown bun:bun data logs

# Read by Bun before the program starts; without it few requests go out at a time.
ENV BUN_CONFIG_MAX_HTTP_REQUESTS=65535
# Inside a container 127.0.0.1 is nobody's address. An open address needs keys in routes.yaml, or ALLOW_OPEN=true.
ENV HOST=0.0.0.0
EXPOSE 8728
VOLUME ["/app/data", "/app/logs"]
USER bun
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["bun", "-e", "process.exit((await fetch(`http://127.0.0.1:${process.env.PORT || 8728}/health`)).ok ? 0 : 1)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["bun", "src/index.ts"]
CMD ["serve"]
