#!/bin/bash
# Makes the base images of docker-compose.yml where no image registry can be reached, from Debian's packages and
# npm's node binary, under the very names that the compose file and the Dockerfile use. Real images are left alone:
# a name that is already there, or can be pulled, is not built.
#
# usage: docker/stand-ins/build.sh            (root; needs docker, debootstrap, npm)
#   DEBIAN_MIRROR   where packages come from, default http://deb.debian.org/debian
#   STAND_INS=only  don't try to pull
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
suite=trixie
node_version=22.23.3
npm_version=10.9.4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

have() { docker image inspect "$1" >/dev/null 2>&1; }

# True when the image is here now, by an earlier build or by a pull.
get() {
  have "$1" && echo "$1: already here" && return
  [ "${STAND_INS:-}" != only ] && timeout 60 docker pull -q "$1" >/dev/null 2>&1 && echo "$1: pulled" && return
  return 1
}

# Quiet unless it fails. The classic builder: every engine has it, and nothing here needs the other.
build() {
  local log="$scratch/build.log"
  DOCKER_BUILDKIT=0 docker build -t "$@" >"$log" 2>&1 || { tail -30 "$log" >&2; exit 1; }
}

debian() {
  have debian:$suite-slim && return
  debootstrap --variant=minbase --include=ca-certificates $suite "$scratch/root" "$mirror" >"$scratch/debootstrap.log" ||
    { tail -20 "$scratch/debootstrap.log" >&2; exit 1; }
  rm -rf "$scratch/root/var/cache/apt/archives/"*.deb "$scratch/root/var/lib/apt/lists/"*
  # A company's network may have an authority of its own: what this machine trusts, the stand-ins trust.
  cp /etc/ssl/certs/ca-certificates.crt "$scratch/root/etc/ssl/certs/ca-certificates.crt"
  tar -C "$scratch/root" -c . | docker import - debian:$suite-slim >/dev/null
  rm -rf "$scratch/root"
  echo "debian:$suite-slim: made by debootstrap from $mirror"
}

node() {
  case $(uname -m) in
    x86_64) cpu=x64 ;;
    aarch64) cpu=arm64 ;;
    *) echo "no node binary for $(uname -m)" >&2; exit 1 ;;
  esac
  mkdir -p "$scratch/node/npm"
  (cd "$scratch" && npm pack --silent "node-linux-$cpu@$node_version" "npm@$npm_version" >/dev/null)
  tar -xzf "$scratch/node-linux-$cpu-$node_version.tgz" -C "$scratch/node" --strip-components=2 package/bin/node
  tar -xzf "$scratch/npm-$npm_version.tgz" -C "$scratch/node/npm" --strip-components=1
  cp "$here/node.Dockerfile" "$scratch/node/Dockerfile"
  build "$1" "$scratch/node"
  echo "$1: stand-in with node $node_version"
}

debian_package() {
  build "$1" -f "$here/$2.Dockerfile" "$here"
  echo "$1: stand-in from Debian $suite"
}

get node:22-trixie-slim || { debian; node node:22-trixie-slim; }
get redis:8-trixie || { debian; debian_package redis:8-trixie redis; }
get pgvector/pgvector:pg17 || { debian; debian_package pgvector/pgvector:pg17 pgvector; }
