#!/usr/bin/env bash
# Runs an agent that makes garbage without end inside the limit of its GC heap, and prints what its compactions cost and leave.
# Usage: scripts/soak-gc.sh [MINUTES [MESH_CONF TOPIC DATA_JSON]]     60 minutes of tests/guests/cycles.conf unless said otherwise;
# events on TOPIC with the JSON value in the file DATA_JSON are published as fast as the node takes them.
set -eu
cd "$(dirname "$0")/.."
minutes=${1:-60} conf=${2:-tests/guests/cycles.conf} topic=${3:-soak} data=${4:-}
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
service=src/AkkaWasm.Service/bin/Release/net10.0/akkawasm
dotnet build -c Release -v q --nologo src/AkkaWasm.Service >"$work/build.log" || { cat "$work/build.log"; exit 1; }
"$service" serve "$conf" --data "$work/data" --set "akka-wasm.http.port=$port" --set akka-wasm.log.level=debug 2>"$work/log" >/dev/null &
node=$!
trap 'kill "$node" 2>/dev/null || true; wait "$node" 2>/dev/null || true; rm -rf "$work"' EXIT
until curl -sf "http://127.0.0.1:$port/readyz" >/dev/null; do
  kill -0 "$node" || { tail -n 5 "$work/log"; exit 1; }
  sleep 0.2
done

value='{}'
[ -z "$data" ] || value=$(tr -d '\n' <"$data")
batch() {
  awk -v round="$1" -v topic="$topic" -v value="$value" 'BEGIN {
    printf "["
    for (i = 0; i < 200; i++) printf "%s{\"specversion\":\"1.0\",\"id\":\"%d-%d\",\"source\":\"/soak\",\"type\":\"%s\",\"data\":%s}", i ? "," : "", round, i, topic, value
    printf "]" }'
}
end=$((SECONDS + $(awk -v m="$minutes" 'BEGIN { printf "%d", m * 60 }')))
round=0
while [ "$SECONDS" -lt "$end" ]; do
  batch "$round" >"$work/batch"
  status=$(curl -s -o "$work/answer" -w '%{http_code}' -H 'content-type: application/cloudevents-batch+json' --data-binary "@$work/batch" "http://127.0.0.1:$port/v1/events")
  case $status in
    2*) round=$((round + 1)) ;;
    429 | 503) sleep 0.5 ;;
    *) cat "$work/answer"; exit 1 ;;
  esac
done
curl -s "http://127.0.0.1:$port/metrics" >"$work/metrics"
sum() { awk -v name="$1" 'index($0, name) == 1 { sub(/\{[^}]*\}/, ""); sum += $2 } END { printf "%d", sum }' "$work/metrics"; }
printf '%d events published, %d turns, %d failed, over %s minutes\n' $((round * 200)) "$(sum akkawasm_turns_total)" "$(sum akkawasm_agent_failures_total)" "$minutes"

grep -oE "is compacted: its GC heap had taken [0-9]+ bytes and takes [0-9]+, in [0-9.]+" "$work/log" | awk '{ print $8, $12, $14 }' | tr -d ',' >"$work/compactions"
[ -s "$work/compactions" ] || { echo 'no compaction was needed'; exit 1; }
sort -g -k3 "$work/compactions" | awk '{ pause[NR] = $3; total += $3 }
  END { printf "%d compactions; pauses in ms: p50 %.2f, p99 %.2f, longest %.2f, together %.1f s\n", NR, pause[int((NR + 1) / 2)], pause[int(NR * 0.99 + 0.999)], pause[NR], total / 1000 }'
awk '{ before[NR] = $1; after[NR] = $2 }
  END { print "GC heap over time, KiB (before → after):"
    for (i = 0; i < 10; i++) { at = int(1 + i * (NR - 1) / 9); printf "  %3d %%: %d → %d\n", i * 100 / 9, before[at] / 1024, after[at] / 1024 } }' "$work/compactions"
[ "$(sum akkawasm_agent_failures_total)" = 0 ] || { echo 'turns failed'; exit 1; }
