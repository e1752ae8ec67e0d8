# One image for every PopStash service; the command chooses which. No build step downloads anything but npm packages.
FROM node:22-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The embedded mode's prebuilt database is no use in a container.
RUN node scripts/build.mjs && rm -rf dist/embedded-template
# dist/ holds everything but the native build of the model's runtime.
RUN node docker/drop-unused-files.mjs node_modules/onnxruntime-node

FROM node:22-trixie-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules/onnxruntime-node ./node_modules/onnxruntime-node
COPY --from=build /app/models ./models
COPY --from=build /app/prisma/migrations ./prisma/migrations
COPY --from=build /app/prisma/baseline ./prisma/baseline
COPY --from=build /app/docker/entrypoint.sh /app/docker/healthcheck.mjs ./docker/
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/dist ./dist
# `popstash` for `docker compose exec`.
RUN chmod 755 docker/entrypoint.sh && ln -s /app/docker/entrypoint.sh /usr/local/bin/popstash
USER node
# exec form, and the script execs node: signals reach it. Run with an init (compose: `init: true`, docker run: --init),
# since process 1 would not get the default actions of signals.
ENTRYPOINT ["popstash"]
CMD ["mcp"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/app/docker/healthcheck.mjs"]
