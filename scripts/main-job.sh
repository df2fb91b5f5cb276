#!/usr/bin/env bash
# Runs the earthquake week as the README does, twice on the same data folder, and checks what must come out of it.
# Usage: scripts/main-job.sh [DATA_FOLDER]
set -eu
cd "$(dirname "$0")/.."
data=${1:-$(mktemp -d)/data}
job() { dotnet run -c Release --no-build --project src/AkkaWasm.Service -- serve config/earthquakes/mesh.conf --until-idle --report json --data "$data" --set akka-wasm.http.port=0; }
number() { grep -oE "\"$1\": ?[0-9]+" <<<"$2" | head -n "${3:-1}" | tail -n 1 | grep -oE '[0-9]+$'; }
expect() { [ "$2" = "$3" ] || { printf '%s is %s, %s was expected\n' "$1" "$2" "$3" >&2; exit 1; }; }

first=$(job)
expect events_in "$(number events_in "$first")" 1707
expect healed "$(number healed "$first")" 44
expect quarantined "$(number quarantined "$first")" 44
second=$(job)
expect 'events_in after the second run' "$(number events_in "$second")" 1707
expect 'events_in of the second run' "$(number events_in "$second" 2)" 0
hashes() { grep -oE '"state_hash": ?"[0-9a-f]+"' <<<"$1" | sort; }
[ "$(hashes "$first")" = "$(hashes "$second")" ] || { echo 'the state hashes changed with the second run' >&2; exit 1; }
printf '1,707 events in, 44 healed, 44 quarantined, %s state hashes equal after a second run\n' "$(hashes "$first" | wc -l)"
