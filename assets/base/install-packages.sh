#!/bin/sh
# Installs Debian packages in an image build. It fails soon when the network is unreachable, and removes apt's lists and caches.
set -eu

options="-o Acquire::Retries=1 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10"
certificates=/dev/shm/certificates/ca-certificates.crt
if [ -f "$certificates" ]; then options="$options -o Acquire::https::CaInfo=$certificates"; fi

fail() {
  echo "$1 failed: does the build have a network (docker build --network host), is the Debian mirror right (--mirror), are its certificates trusted (--ca-bundle)?" >&2
  exit 1
}

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # options are words
apt-get update -qq $options -o APT::Update::Error-Mode=any || fail "apt-get update"
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 $options "$@" >/dev/null || fail "apt-get install $*"
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache /var/log/*
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
