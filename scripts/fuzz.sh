#!/usr/bin/env bash
# Damages modules of the official suite and sends them the whole way of a guest, in child processes: none may die, hang or answer wrongly.
# Usage: scripts/fuzz.sh [COUNT [SEED]]     COUNT mutations (1,000,000), number n of a SEED is always the same one
set -eu
cd "$(dirname "$0")/.."
export AKKAWASM_MUTATIONS=${1:-1000000}
[ $# -lt 2 ] || export AKKAWASM_SEED=$2
exec dotnet test tests/AkkaWasm.Wasm.Tests -c Release --filter 'FullyQualifiedName~Mutations_of_the_suite' --logger 'console;verbosity=detailed'
