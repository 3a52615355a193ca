#!/usr/bin/env bash
# Builds base images from Debian packages, for machines without a container registry.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: make.sh [options] [base|rabbitmq|postgres|all]...

Builds replacements for the official images from Debian 13 packages:
  base      codex-fleet/base:trixie    for node:24-trixie-slim (Debian's own Node, npm by this machine's npm)
  rabbitmq  codex-fleet/rabbitmq:4.0   for rabbitmq:4.1
  postgres  codex-fleet/postgres:17    for postgres:17
All of them are built on codex-fleet/debian:trixie, which is made first; then they are built concurrently. Existing images are
not built again. Without a name, all are built.

options (with the environment variables that set the same):
  --force               build existing images again
  --mirror URL          Debian mirror              DEBIAN_MIRROR (default: debootstrap's own)
  --security-mirror URL security updates           DEBIAN_SECURITY_MIRROR (default: debian-security beside the mirror; none: no security updates)
  --ca-bundle FILE      certificates to trust      CA_BUNDLE (only while building, for a mirror behind https)
  --network MODE        network of docker build    BUILD_NETWORK (default: docker's own; use "host" when its bridge cannot download)

needs: root, debootstrap, a Docker client that builds with BuildKit (20.10 to 22, or newer with docker-buildx), a Docker engine
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mirror=${DEBIAN_MIRROR:-}
security_mirror=${DEBIAN_SECURITY_MIRROR:-}
ca_bundle=${CA_BUNDLE:-}
network=${BUILD_NETWORK:-}
force=false
targets=()
step="reading the arguments"
scratch=""
declare -A builds=()
work=${TMPDIR:-/var/tmp}

fail() {
  echo "make.sh: $*" >&2
  exit 1
}

finish() {
  local code=$?
  if [[ ${#builds[@]} -gt 0 ]]; then
    kill "${builds[@]}" 2>/dev/null || true
    wait "${builds[@]}" 2>/dev/null || true
  fi
  [[ -z $scratch ]] || rm -rf --one-file-system "$scratch"
  [[ $code -eq 0 ]] || echo "make.sh: stopped while $step (exit code $code)" >&2
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

while [[ $# -gt 0 ]]; do
  case $1 in
    --force) force=true ;;
    --mirror | --security-mirror | --ca-bundle | --network)
      [[ $# -gt 1 ]] || fail "$1 needs a value; see make.sh --help"
      case $1 in
        --mirror) mirror=$2 ;;
        --security-mirror) security_mirror=$2 ;;
        --ca-bundle) ca_bundle=$2 ;;
        --network) network=$2 ;;
      esac
      shift
      ;;
    -h | --help) usage && exit 0 ;;
    base | rabbitmq | postgres) targets+=("$1") ;;
    all) targets+=(rabbitmq postgres base) ;;
    *) fail "unknown argument \"$1\": allowed are base, rabbitmq, postgres, all and the options of make.sh --help" ;;
  esac
  shift
done

# Docker clients from 23 on build with BuildKit only through the buildx plugin; several clients may be installed.
find_docker() {
  local client major
  while read -r client; do
    major=$("$client" version --format '{{.Client.Version}}' 2>/dev/null | cut -d. -f1) || true
    if [[ ${major:-0} -ge 18 && ${major:-0} -lt 23 ]] || "$client" buildx version >/dev/null 2>&1; then
      echo "$client"
      return 0
    fi
  done < <(if [[ -n ${DOCKER:-} ]]; then echo "$DOCKER"; else type -ap docker; fi)
  return 1
}

image_exists() { "$docker" image inspect "$1" >/dev/null 2>&1; }

wanted() { $force || ! image_exists "$1"; }

# Unmounts and removes the scratch directories of runs that were killed.
remove_leftovers() {
  local directory pid
  for directory in "$work"/codex-fleet-base.*.??????; do
    pid=${directory%.*}
    pid=${pid##*.}
    if [[ ! -d $directory || ! $pid =~ ^[0-9]+$ ]] || kill -0 "$pid" 2>/dev/null; then continue; fi
    umount "$directory"/root/{proc,sys,dev/pts,dev} 2>/dev/null || true
    rm -rf --one-file-system "$directory" || true
  done
}

make_debian() {
  local image=codex-fleet/debian:trixie root=$scratch/root
  if ! wanted "$image"; then return 0; fi
  step="making $image"
  echo "make.sh: $image: debootstrap from ${mirror:-its default mirror}"
  [[ $(id -u) -eq 0 ]] || fail "debootstrap needs root, got uid $(id -u): run it with sudo"
  command -v debootstrap >/dev/null || fail "debootstrap was not found: apt-get install debootstrap"
  # debootstrap downloads with wget and has no option of its own for this.
  if [[ -n $ca_bundle ]]; then
    echo "ca_certificate = $(realpath "$ca_bundle")" >"$scratch/wgetrc"
    export WGETRC=$scratch/wgetrc
  fi
  # Run debootstrap in two stages, because dpkg's settings have to exist before dpkg unpacks.
  if ! {
    debootstrap --foreign --variant=minbase trixie "$root" ${mirror:+"$mirror"} &&
      write_settings "$root" &&
      chroot "$root" /debootstrap/debootstrap --second-stage
  } >"$scratch/log" 2>&1; then
    tail -n 15 "$scratch/log" "$root/debootstrap/debootstrap.log" >&2 || true
    fail "debootstrap failed: is ${mirror:-its default mirror} a Debian mirror this machine can reach? --mirror URL names another, --ca-bundle FILE the certificates to trust"
  fi
  write_sources "$root"
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/*-old "$root"/var/log/* "${root:?}"/dev/* "${root:?}"/tmp/*
  # debootstrap's first stage unpacks a few packages without dpkg.
  find "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/info" -type f ! -name copyright -delete 2>/dev/null || true
  find "$root/usr/share/locale" -mindepth 1 -maxdepth 1 ! -name locale.alias -exec rm -rf {} +
  rm -f "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/machine-id"
  tar -C "$root" --numeric-owner --sort=name -c . |
    "$docker" import --change 'CMD ["bash"]' --change 'LABEL org.codex-fleet.stand-in=true' - "$image" >/dev/null
}

write_sources() {
  local list=$1/etc/apt/sources.list keyring=/usr/share/keyrings/debian-archive-keyring.gpg used beside
  used=$(awk '$1 == "deb" { print $2; exit }' "$list")
  beside=${used%/}
  beside=${security_mirror:-${beside%/*}/debian-security}
  {
    echo "deb [signed-by=$keyring] $used trixie main"
    echo "deb [signed-by=$keyring] $used trixie-updates main"
    [[ $beside == none ]] || echo "deb [signed-by=$keyring] $beside trixie-security main"
  } >"$list"
}

# Keeps documentation and translations out of the image, as Debian's slim images do. dpkg need not sync each file to disk,
# because an interrupted build is repeated.
write_settings() {
  mkdir -p "$1/etc/dpkg/dpkg.cfg.d" "$1/etc/apt/apt.conf.d" "$1/usr/sbin"
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale lintian >"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf 'path-include /usr/share/%s\n' 'doc/*/copyright' locale/locale.alias >>"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf 'force-unsafe-io\n' >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io"
  printf 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n' >"$1/etc/apt/apt.conf.d/slim"
  # Packages must not start their services while an image is built.
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
}

# Debian's npm depends on hundreds of packages, so this machine's npm downloads npm itself from its registry.
npm_version=11.21.2
npm_sha512=ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4
download_npm() {
  command -v npm >/dev/null || fail "npm was not found, which the base image needs: install it beside Node"
  npm pack --silent --pack-destination "$1" "npm@$npm_version" >/dev/null ||
    fail "npm $npm_version could not be downloaded from $(npm config get registry 2>/dev/null): \`npm config set registry URL\` chooses another"
  echo "$npm_sha512  $1/npm-$npm_version.tgz" | sha512sum --check --quiet >&2 ||
    fail "npm $npm_version does not have the expected digest: is the registry a faithful mirror?"
  mv "$1/npm-$npm_version.tgz" "$1/npm.tgz"
}

declare -A images=([base]=codex-fleet/base:trixie [rabbitmq]=codex-fleet/rabbitmq:4.0 [postgres]=codex-fleet/postgres:17)

start_build() {
  local image=${images[$1]} context=$scratch/$1 options=()
  if ! wanted "$image"; then
    echo "make.sh: $image exists"
    return 0
  fi
  step="making $image"
  echo "make.sh: $image: docker build"
  [[ -z $network ]] || options+=(--network "$network")
  cp -R "$here/$1" "$context"
  cp "$here/install-packages.sh" "$context/"
  [[ $1 != base ]] || download_npm "$context"
  [[ -z $ca_bundle ]] || cp "$ca_bundle" "$context/ca-certificates.crt"
  DOCKER_BUILDKIT=1 "$docker" build --progress=plain "${options[@]}" --label org.codex-fleet.stand-in=true --tag "$image" "$context" \
    >"$scratch/$1.log" 2>&1 &
  builds[$1]=$!
}

finish_builds() {
  local name failed=()
  for name in "${!builds[@]}"; do
    step="making ${images[$name]}"
    if wait "${builds[$name]}"; then
      echo "make.sh: ${images[$name]} is made"
    else
      failed+=("${images[$name]}")
      sed 's/^/  /' "$scratch/$name.log" | tail -n 30 >&2
    fi
    unset "builds[$name]"
  done
  [[ ${#failed[@]} -eq 0 ]] ||
    fail "docker build of ${failed[*]} failed, see above: --network host helps where docker's bridge cannot download, --ca-bundle FILE where TLS is intercepted, --mirror URL where Debian's default mirror is out of reach"
}

step="looking for the programs it needs"
[[ -z $ca_bundle || -r $ca_bundle ]] || fail "--ca-bundle names \"$ca_bundle\", which cannot be read: give a file with PEM certificates"
docker=$(find_docker) || fail "no Docker client that builds with BuildKit was found: install docker-buildx, or name a client with DOCKER=/path/to/docker"
"$docker" info >/dev/null 2>&1 || fail "the Docker engine does not answer: is it running, and may $(id -un) talk to it?"

[[ ${#targets[@]} -gt 0 ]] || targets=(rabbitmq postgres base)

remove_leftovers
scratch=$(mktemp -d "$work/codex-fleet-base.$$.XXXXXX")
make_debian
for name in "${targets[@]}"; do start_build "$name"; done
finish_builds
