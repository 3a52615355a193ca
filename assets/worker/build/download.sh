# shellcheck shell=sh
# Sourced by the build steps that download. They fail soon when the network is unreachable, and say what to do about it.

certificates=/dev/shm/certificates/ca-certificates.crt
if [ -f "$certificates" ]; then
  # pip and apt read one file instead of the system's, so it contains both. /dev/shm is not part of a layer.
  all_certificates=/dev/shm/all-certificates.crt
  { cat "$certificates"; [ ! -f /etc/ssl/certs/ca-certificates.crt ] || cat /etc/ssl/certs/ca-certificates.crt; } > "$all_certificates"
  export NODE_EXTRA_CA_CERTS="$certificates" PIP_CERT="$all_certificates"
else
  certificates=""
fi
export DEBIAN_FRONTEND=noninteractive
export npm_config_fetch_retries=1 npm_config_fetch_timeout=20000 npm_config_fetch_retry_mintimeout=1000
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false npm_config_cache=/tmp/npm
export PIP_DEFAULT_TIMEOUT=15 PIP_RETRIES=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

# download_failed WHAT FROM ARGUMENT: explains the failed download and ends the step.
download_failed() {
  cat >&2 <<TEXT

could not download $1 from $2
  no network in the build?        set [build] network = "host" in the environment file (docker build --network host)
  a mirror of your own?           set [build] $3 = "https://..." (docker build --build-arg $(echo "$3" | tr '[:lower:]' '[:upper:]')=...)
  is a proxy needed?              set [network] https_proxy and http_proxy, or those of [build] for builds only
  TLS intercepted by a proxy?     set [network] ca_bundle, or that of [build], to its authority's certificate (here: ${certificates:-none given})
Nothing was tagged; the build can be repeated as it is.
TEXT
  exit 1
}

# install_packages NAME...: installs Debian packages, from DEBIAN_MIRROR when it is set.
install_packages() {
  options="-o Acquire::Retries=1 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 -o APT::Update::Error-Mode=any -o Dpkg::Use-Pty=0"
  [ -z "$certificates" ] || options="$options -o Acquire::https::CaInfo=$all_certificates"
  if [ -n "${DEBIAN_MIRROR:-}" ]; then
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $DEBIAN_MIRROR $release main" > /tmp/mirror.list
    options="$options -o Dir::Etc::SourceList=/tmp/mirror.list -o Dir::Etc::SourceParts=/dev/null"
  fi
  from=${DEBIAN_MIRROR:-the Debian mirror of the base image}
  # apt downloads three lists in sequence, so retries on a dead network would take minutes. The timeout counts inactivity.
  # shellcheck disable=SC2086 # options are words
  apt-get update -qq $options -o Acquire::Retries=0 -o Acquire::http::Timeout=8 -o Acquire::https::Timeout=8 || download_failed "Debian's package lists" "$from" debian_mirror
  # shellcheck disable=SC2086
  apt-get install -qq -y --no-install-recommends $options "$@" > /dev/null || download_failed "the packages $*" "$from" debian_mirror
  rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache /var/log/* /tmp/mirror.list
}

# install_node_modules WHAT PACKAGE [npm option...]: installs what the lockfile in the current directory pins, by digest.
install_node_modules() {
  package=$1
  probe=$2
  shift 2
  if ! command -v npm > /dev/null; then
    echo "the base image has no npm: choose one with Node and npm as [images] base, or build its replacement again (assets/base/make.sh --force base)" >&2
    exit 1
  fi
  # npm waits forever for a proxy that does not answer. Ask for one version first, with a time limit: downloads may be slow.
  { timeout 40 npm view ${NPM_REGISTRY:+--registry "$NPM_REGISTRY"} "$probe" version &&
    npm ci --ignore-scripts --omit=dev ${NPM_REGISTRY:+--registry "$NPM_REGISTRY"} "$@"; } > /tmp/npm.log 2>&1 || {
    tail -n 20 /tmp/npm.log >&2
    download_failed "$package" "${NPM_REGISTRY:-the default registry of npm}" npm_registry
  }
}

# install_python_packages VENV REQUIREMENTS
install_python_packages() {
  "$1/bin/pip" install --quiet --require-hashes --no-deps --only-binary :all: --no-compile ${PIP_INDEX_URL:+--index-url "$PIP_INDEX_URL"} -r "$2" ||
    download_failed "the Python packages of $2" "${PIP_INDEX_URL:-the default index of pip}" pip_index_url
  "$1/bin/pip" check
}
