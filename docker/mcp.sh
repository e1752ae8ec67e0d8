#!/bin/sh
# An MCP server on stdio inside the running compose stack; for a client's configuration as its command.
# The container can't see the client's folder, so the project is named here as PopStash would: the repository that all
# its worktrees share, else the folder. POPSTASH_PROJECT overrides.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)

repository=$(git rev-parse --path-format=absolute --git-common-dir 2>/dev/null || true)
project=$(printf %s "${POPSTASH_PROJECT:-${repository:-$(pwd -P)}}" | tail -c 200) # at most 200 characters

if docker compose version >/dev/null 2>&1; then compose='docker compose'; else compose=docker-compose; fi
exec $compose -f "$here/docker-compose.yml" exec -T -e POPSTASH_PROJECT="$project" mcp popstash mcp
