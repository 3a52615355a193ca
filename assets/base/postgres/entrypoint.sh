#!/usr/bin/env bash
# Creates the database once, then executes the server. It understands the official image's POSTGRES_USER, POSTGRES_DB,
# POSTGRES_PASSWORD, POSTGRES_PASSWORD_FILE and POSTGRES_INITDB_ARGS, and none of its other features.
set -euo pipefail

marker=$PGDATA/.initializing

fail() {
  echo "docker-entrypoint: $*" >&2
  exit 78
}

password() {
  if [[ -n ${POSTGRES_PASSWORD_FILE:-} ]]; then
    [[ -r $POSTGRES_PASSWORD_FILE ]] ||
      fail "POSTGRES_PASSWORD_FILE names \"$POSTGRES_PASSWORD_FILE\", which uid $(id -u) cannot read: mount the secret there, owned by uid $(id -u)"
    cat "$POSTGRES_PASSWORD_FILE"
  else
    printf '%s' "${POSTGRES_PASSWORD:-}"
  fi
}

# The marker exists until the database is complete, so the next start repeats an interrupted first start.
initialize() {
  local user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}} secret options
  read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
  secret=$(password)
  [[ -n $secret ]] || fail "no password for the new database: set POSTGRES_PASSWORD_FILE to a file that holds it"
  touch "$marker"
  find "$PGDATA" -mindepth 1 ! -path "$marker" ! -name lost+found -delete
  initdb --pgdata="$PGDATA/new" --username="$user" --pwfile=<(printf '%s\n' "$secret") \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 "${options[@]}"
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/new/pg_hba.conf"
  if [[ $database != postgres ]]; then
    printf 'CREATE DATABASE "%s";\n' "${database//\"/\"\"}" | postgres --single -jE -D "$PGDATA/new" postgres >/dev/null
  fi
  mv "$PGDATA"/new/* "$PGDATA"/
  rmdir "$PGDATA/new"
  sync
  rm "$marker"
}

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1:-} != postgres ]]; then exec "$@"; fi

[[ -w $PGDATA ]] || fail "PGDATA \"$PGDATA\" is not writable for uid $(id -u): mount a volume there that belongs to uid $(id -u)"
chmod 0700 "$PGDATA"
if [[ -e $marker || -z $(find "$PGDATA" -mindepth 1 ! -name lost+found -print -quit) ]]; then
  initialize
elif [[ ! -s $PGDATA/PG_VERSION ]]; then
  fail "PGDATA \"$PGDATA\" holds files but no database: restore it, or mount an empty volume"
fi
exec "$@"
