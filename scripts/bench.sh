#!/usr/bin/env bash
# Measures what the README states: medians, side by side with a baseline in the same run. Nothing is asserted: machines differ.
# Usage: scripts/bench.sh [--short] [NAME...]
set -eu
cd "$(dirname "$0")/.."
exec dotnet run -c Release --project tests/AkkaWasm.Benchmarks -- "$@"
