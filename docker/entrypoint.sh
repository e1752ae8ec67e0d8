#!/bin/sh
# popstash COMMAND …, or one of a few plain programs (the mcp service sleeps until a client is let in).
case "${1:-}" in
  sleep | sh | node) exec "$@" ;;
  *) exec node /app/dist/main.js "$@" ;;
esac
