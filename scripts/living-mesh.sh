#!/usr/bin/env bash
# The second act of the earthquakes: the mesh changes while it runs under load. A bad version of the monitors fails and is rolled back by itself; a pool
# grows, and shrinks by itself when the load is over; the histogram, which failed on 44 events of the week, is tried with another module, gets it, and
# counts the 44; the topology goes back and forward again. In the end each agent's state has to be that of a mesh which was defined so from the start, and
# the log has to show no event lost and none handled twice within a life.
# Usage: scripts/living-mesh.sh [FOLDER [WEEKS]]     WEEKS more weeks of events come meanwhile; 20 unless said otherwise
set -eu
cd "$(dirname "$0")/.."
work=${1:-$(mktemp -d)} weeks=${2:-20}
quakes=config/earthquakes
mkdir -p "$work"
akkawasm=src/AkkaWasm.Service/bin/Release/net10.0/akkawasm
cli() { "$akkawasm" "$@"; }
quiet=(--set akka-wasm.http.port=0 --set akka-wasm.log.level=error)
more=(--set "akka-wasm.mesh.sources.load.path=$work/load.jsonl")
last=(--set "akka-wasm.mesh.sources.load.path=$work/last.jsonl")
until_idle() { cli serve "$1" --data "$work/$2" --until-idle --report json "${quiet[@]}" "${@:3}" 2>"$work/errors.txt" || fail "serve $1: $(cat "$work/errors.txt")"; }
fail() { printf '%s\n' "$1" >&2; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1 is $2, $3 was expected"; }
node() { cli "$@" --data "$work/living"; }
field() { grep -oE "\"$1\": ?\"?[A-Za-z0-9-]+" <<<"$2" | head -n 1 | grep -oE '[A-Za-z0-9-]+$'; }
turns() { field turns "$(node agent get "$1" --output json)"; }
newest() { grep -oE '"position": ?"[0-9-]+' <<<"$(node topology history --output json)" | tail -n 1 | grep -oE '[0-9-]+$'; }
# Members of the pool are stopped in the end and have no state.
hashes() { grep -oE '"(name|state_hash)": ?"[^"]+"' <<<"$1" | grep -v '"regions/' | paste - - | sort; }
members() { field size "$(node pool show regions --output json)"; }
# Ends when a command succeeds, or gives up after five minutes or so; what it waited for is checked by whoever called.
wait_until() {
  for ((i = 0; i < 1500; i++)); do
    "$@" && return
    kill -0 $pid 2>/dev/null || fail "the node ended: $(cat "$work/node.log")"
    sleep 0.2
  done
}
answers() { node node health >/dev/null 2>&1; }
is_rolled_back() { grep -qE '"author": ?"canary"' <<<"$(node topology history --output json)"; }
is_read() { [ "$(turns ingest)" = $((1 + (weeks + 1) * week)) ]; }
has_one_member() { [ "$(members)" = 1 ]; }
say() { printf -- '- %s\n' "$*"; }

# The week again, weeks times, each event with an id of its own and no magnitude below 0: one JSON value a line.
sed -e '1s/.*"features":\[//' -e '$s/\],"bbox".*$//' -e 's/,\r*$//' -e 's/"mag":-/"mag":/' "$quakes/usgs-all-week-2018-02.geojson" >"$work/week.jsonl"
printf '\n' >>"$work/week.jsonl"
week=$(grep -c . "$work/week.jsonl")
again() { grep . "$work/week.jsonl" | sed -E "s/\"id\":\"([a-z0-9]+)\"\}$/\"id\":\"\1-$1\"}/"; }
for ((i = 1; i <= weeks; i++)); do again "$i"; done >"$work/load.jsonl"
again last >"$work/last.jsonl" # what guests have in memory of their last events is the same then, whenever the load ended

say 'the first act: the week'
until_idle "$quakes/mesh.conf" living >"$work/first.json"
expect 'events put aside in the first act' "$(field quarantined "$(cat "$work/first.json")")" 44

say "the second act: $((weeks * week)) more events while everything changes"
"$akkawasm" serve "$quakes/load.conf" --data "$work/living" "${quiet[@]}" "${more[@]}" >"$work/node.log" 2>&1 &
pid=$!
trap 'kill -9 $pid 2>/dev/null || :' EXIT
wait_until answers

node topology apply "$quakes/strict.conf" --watch 5m --failure-budget 3 --reason 'a version that is not as good as it seems' >"$work/strict.txt"
wait_until is_rolled_back
expect 'who set the monitors back' "$(grep -oE '"author": ?"[a-z]+"' <<<"$(node topology history --output json)" | tail -n 1 | grep -oE '[a-z]+"$')" 'canary"'
expect 'what is watched still' "$(node topology canary list --output json | grep -c '"definition"' || :)" 0
say 'a bad version of the monitors failed and was rolled back by itself'

node topology apply "$quakes/pool.conf" --reason 'regions are counted by several' >"$work/pool.txt"
node pool resize regions 3 --reason 'the load is to come' >"$work/grow.txt"
say 'a pool came to be and grew to 3 members'

printf 'include file("%s")\nakka-wasm.mesh.agents.histogram.module = "%s"\n' "$PWD/$quakes/pool.conf" "$PWD/$quakes/agents/histogram-signed/histogram-signed.wasm" >"$work/signed-pool.conf"
trial=$(node topology trial "$work/signed-pool.conf" --agent histogram --since 0)
grep -qE '(^|[^0-9])44 of [0-9]+ turns differ: 44 fail no more \(44 of them in quarantine\)' <<<"$trial" || fail "the trial did not show that exactly the 44 turns change: $trial"
say 'a trial shows that exactly the 44 turns change which failed'

before=$(newest)
node topology apply "$work/signed-pool.conf" --trial 500 --require no-new-failures --reason 'magnitudes may be negative' >"$work/apply.txt"
after=$(newest)
say "the histogram has another module from $after on"
cli topic dlq release --agent histogram --data-folder "$work/living" >"$work/release.txt"
say 'the 44 are released'
node topology rollback "$before" --reason 'there' >"$work/back.txt"
node topology rollback "$after" --reason 'and back again' >"$work/forward.txt"
say 'the topology went back and forward again'

wait_until is_read
expect 'events in quarantine in the end' "$(field quarantined "$(node agent get histogram --output json)")" 0
wait_until has_one_member
expect 'members of the pool when the load is over' "$(members)" 1
say 'the pool shrank by itself'
node topology apply "$quakes/signed.conf" --drain 1m --reason 'the pool has done its work' >"$work/unpool.txt"
kill -TERM $pid
wait $pid || fail "the node did not end well: $(cat "$work/node.log")"
trap - EXIT

say 'the log proves it'
cli log verify --data "$work/living" >"$work/verify.txt" || fail "log verify: $(cat "$work/verify.txt")"
cli replay --all --verify --data "$work/living" >"$work/replay.txt" || fail "replay --all --verify: $(cat "$work/replay.txt")"
cli log show --data "$work/living" --output json >"$work/log.json"
grep '"kind":"turn"' "$work/log.json" | grep -v '"fault"' | sed -E 's/^.*"agent"/"agent"/; s/,"(attempt|outputs|fuel|hash)".*$//' | sort | uniq -d >"$work/twice.txt"
[ -s "$work/twice.txt" ] && fail "events were handled twice within a life: $(head -n 3 "$work/twice.txt")"
grep '"agent":"regions/' "$work/log.json" | grep '"kind":"turn"' | grep -v '"fault"' | grep -oE '"input":[0-9]+' | sort | uniq -d >"$work/shared.txt"
[ -s "$work/shared.txt" ] && fail "events were handled by two members of the pool: $(head -n 3 "$work/shared.txt")"

until_idle "$quakes/load.conf" living "${last[@]}" >"$work/living.json"
expect 'events that came in' "$(field events_in "$(cat "$work/living.json")")" $(((weeks + 2) * week))
printf 'include file("%s")\nakka-wasm.mesh.agents.histogram.module = "%s"\n' "$PWD/$quakes/load.conf" "$PWD/$quakes/agents/histogram-signed/histogram-signed.wasm" >"$work/from-start.conf"
until_idle "$quakes/signed.conf" start >/dev/null
until_idle "$work/from-start.conf" start "${more[@]}" >/dev/null
until_idle "$work/from-start.conf" start "${last[@]}" >"$work/start.json"
diff <(hashes "$(cat "$work/start.json")") <(hashes "$(cat "$work/living.json")") >"$work/differences.txt" || fail "states are not those of a mesh that was defined so from the start: $(cat "$work/differences.txt")"
printf '%s events, %s states equal those of a mesh that was so from the start\n' $(((weeks + 2) * week)) "$(hashes "$(cat "$work/living.json")" | wc -l)"
