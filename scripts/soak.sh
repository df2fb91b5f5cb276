#!/usr/bin/env bash
# A node under load for an hour, with guests that trap, garbage to collect and, in the first third, kills. Prints memory and latencies over time as a
# table; ends with non-zero if memory or latency grows over the second half, or if a state is not that of a replay.
# Usage: scripts/soak.sh [MINUTES]     60 unless said otherwise; trends are judged from 5 minutes on
set -eu
cd "$(dirname "$0")/.."
export AKKAWASM_SOAK_SECONDS=$((${1:-60} * 60))
exec dotnet test tests/AkkaWasm.Process.Tests -c Release --filter 'FullyQualifiedName~SoakTests' --logger 'console;verbosity=detailed'
