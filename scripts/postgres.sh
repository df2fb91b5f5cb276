#!/usr/bin/env bash
# Runs a PostgreSQL server of its own for tests, measurements and trying out: on loopback only, in a folder of its own, every commit synced.
# Usage: scripts/postgres.sh start|stop|kill|restart|status|url [FOLDER [PORT]]
#        scripts/postgres.sh psql FOLDER ARGUMENTS...
#   start    makes the cluster if it is not there and starts it; does nothing if it runs
#   stop     lets sessions end at once and stops; kill stops as a loss of power would
#   url      prints the connection string for akka-wasm.data.journal.connection-string, password included
#   psql     runs psql on its database
# FOLDER is data/postgres in the checkout by default; PORT is one that is free, and stays that of the folder.
# AKKAWASM_POSTGRES_OWNER names a process that a new cluster's server is not to outlive.
# PostgreSQL refuses to run as root: for root the server runs as the user postgres (or AKKAWASM_POSTGRES_USER).
set -euo pipefail

fail() { printf 'postgres.sh: %s\n' "$1" >&2; exit "${2:-1}"; }

verb=${1:-}
script=$(realpath "$0")
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(realpath -m "${2:-$root/data/postgres}")
wanted_port=$([[ $verb == psql ]] || printf '%s' "${3:-}")
cluster=$folder/cluster
role=akkawasm
user=${AKKAWASM_POSTGRES_USER:-postgres}
cd /

find_binaries() {
    for place in "${AKKAWASM_POSTGRES_BIN:-}" /usr/lib/postgresql/15/bin; do
        [[ -n $place && -x $place/postgres && -x $place/initdb ]] && { printf '%s' "$place"; return; }
    done
    fail 'PostgreSQL 15 is not installed; on Debian: apt-get install postgresql-15, elsewhere name its folder of programs in AKKAWASM_POSTGRES_BIN' 3
}

check_user() {
    [[ $(id -u) != 0 ]] || id "$user" > /dev/null 2>&1 || fail "PostgreSQL refuses to run as root and there is no user '$user'; name one in AKKAWASM_POSTGRES_USER" 3
}

# Runs a command as the user that the server runs as.
as_server() {
    if [[ $(id -u) != 0 ]]; then "$@"; return; fi
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME="$folder" "$@"
}

is_running() { as_server "$binaries/pg_ctl" status -D "$cluster" > /dev/null 2>&1; }

is_free() { ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

pick_port() {
    if [[ -n $wanted_port ]]; then
        [[ $wanted_port =~ ^[0-9]+$ && $wanted_port -ge 1024 && $wanted_port -le 65535 ]] || fail "the port must be a number from 1024 to 65535 but is '$wanted_port'" 2
        printf '%s' "$wanted_port"
        return
    fi
    if [[ -f $folder/port ]]; then cat "$folder/port"; return; fi
    for _ in $(seq 100); do
        local port=$((RANDOM % 16384 + 16384))
        is_free "$port" && { printf '%s' "$port"; return; }
    done
    fail 'no free port was found between 16384 and 32767; name one'
}

make_cluster() {
    mkdir -p "$folder"
    if [[ $(id -u) == 0 ]]; then chown "$user" "$folder"; fi
    as_server test -w "$folder" || fail "the user that the server runs as cannot reach '$folder'; choose a folder whose parents everybody may enter"
    (umask 077; od -An -tx1 -N16 /dev/urandom | tr -d ' \n' | as_server tee "$folder/password" > /dev/null)
    as_server chmod 600 "$folder/password"
    rm -rf "$cluster.new"
    as_server "$binaries/initdb" -D "$cluster.new" --username="$role" --pwfile="$folder/password" --auth=scram-sha-256 --encoding=UTF8 --locale=C --data-checksums \
        > "$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; fail "the cluster could not be made in '$cluster'"; }
    as_server tee -a "$cluster.new/postgresql.conf" > /dev/null <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
shared_buffers = 128MB
max_wal_size = 4GB
CONF
    mv "$cluster.new" "$cluster"
    if [[ -n ${AKKAWASM_POSTGRES_OWNER:-} ]]; then
        setsid bash -c 'while kill -0 "$1"; do sleep 1; done; bash "$2" kill "$3"' - "$AKKAWASM_POSTGRES_OWNER" "$script" "$folder" > /dev/null 2>&1 < /dev/null &
    fi
}

connection() { printf 'Host=127.0.0.1;Port=%s;Username=%s;Password=%s;Database=%s\n' "$(cat "$folder/port")" "$role" "$(cat "$folder/password")" "$role"; }

psql_of() { PGPASSWORD=$(cat "$folder/password") "$binaries/psql" -X -q -t -A -h 127.0.0.1 -p "$(cat "$folder/port")" -U "$role" "$@"; }

start() {
    if [[ -d $cluster ]] && is_running; then
        [[ -z $wanted_port || $wanted_port == "$(cat "$folder/port")" ]] || fail "the server of '$folder' runs on port $(cat "$folder/port") already; stop it first"
        return
    fi
    [[ -d $cluster ]] || make_cluster
    local port
    port=$(pick_port)
    is_free "$port" || fail "port $port is in use by another program; name another one"
    printf '%s' "$port" | as_server tee "$folder/port" > /dev/null
    as_server "$binaries/pg_ctl" start -w -t 120 -D "$cluster" -l "$folder/log" -o "-p $port" > /dev/null 2>&1 < /dev/null ||
        fail "the server could not be started on port $port: $(tail -n 3 "$folder/log" 2> /dev/null | tr '\n' ' ')"
    [[ $(psql_of -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$role'") == 1 ]] || psql_of -d postgres -c "CREATE DATABASE $role"
}

stop() {
    [[ -d $cluster ]] && is_running || return 0
    as_server "$binaries/pg_ctl" stop -w -t 120 -m "$1" -D "$cluster" > /dev/null || fail "the server of '$folder' could not be stopped; see $folder/log"
}

[[ $verb =~ ^(start|stop|kill|restart|status|url|psql)$ ]] || fail 'usage: scripts/postgres.sh start|stop|kill|restart|status|url [FOLDER [PORT]], or psql FOLDER ARGUMENTS...' 2
binaries=$(find_binaries)
check_user
case $verb in
    start) start ;;
    stop) stop fast ;;
    kill) stop immediate ;;
    restart) stop fast; start ;;
    status) [[ -d $cluster ]] && is_running || { printf 'not running\n'; exit 1; }; printf 'running on port %s\n' "$(cat "$folder/port")" ;;
    psql) [[ -f $folder/port ]] || fail "there is no cluster in '$folder'; start it first"; psql_of -d "$role" -v ON_ERROR_STOP=1 "${@:3}" ;;
    url) [[ -f $folder/port ]] || fail "there is no cluster in '$folder'; start it first"; connection ;;
esac
