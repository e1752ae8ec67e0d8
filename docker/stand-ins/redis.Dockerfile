# Stand-in for redis:8-trixie: redis-server of Debian, data in /data, unprivileged.
FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data && chown redis:redis /data
USER redis
WORKDIR /data
VOLUME /data
EXPOSE 6379
# The official image listens beyond the container's loopback, without protected mode, as this does.
ENTRYPOINT ["/bin/sh", "-c", "exec \"$@\" --bind '* -::*' --protected-mode no", "redis"]
CMD ["redis-server"]
