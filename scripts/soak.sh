#!/usr/bin/env bash
# A node under a steady load for an hour, with guests that trap, garbage to collect and, in the first third, kills. Prints memory and latencies over
# time as a table; ends with non-zero if memory or latency grows over the second half, or if a state is not that of a replay.
# Usage: scripts/soak.sh [MINUTES [EVENTS-PER-SECOND]]     60 and 2,000 unless said otherwise; trends are judged from 5 minutes on
# AKKAWASM_SOAK_TABLE names a file to which each row of the table goes at once.
set -eu
cd "$(dirname "$0")/.."
export AKKAWASM_SOAK_SECONDS=$((${1:-60} * 60)) AKKAWASM_SOAK_RATE=${2:-2000}
exec dotnet test tests/AkkaWasm.Process.Tests -c Release --filter 'FullyQualifiedName~SoakTests' --logger 'console;verbosity=detailed'
