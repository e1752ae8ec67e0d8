#!/bin/bash
# What the official PostgreSQL entrypoint does with the variables that docker-compose.yml sets: on an empty data folder
# make the cluster, the user with its password and the database, then run the given command as the postgres user.
set -euo pipefail

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }

if [ "${1:-}" = postgres ]; then
  chown postgres:postgres "$PGDATA"
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?must be set}"
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    install -o postgres -m 600 /dev/null /tmp/password
    printf %s "$POSTGRES_PASSWORD" >/tmp/password
    as_postgres initdb -U "$user" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 >/dev/null
    rm /tmp/password
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    # Only the socket listens meanwhile, so that nobody meets the half-made cluster.
    as_postgres pg_ctl -w start -o "-c listen_addresses=''" >/dev/null
    [ "$database" = postgres ] || as_postgres createdb -U "$user" "$database"
    as_postgres pg_ctl -w -m fast stop >/dev/null
  fi
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$@" -c listen_addresses='*'
fi
exec "$@"
