#!/usr/bin/env bash
# The long form of the tests that treat a real node badly: kills as kill -9 does, bits flipped in the data folder, files and the last row of the
# journal cut, a file system that fills up. Each run of a node takes some seconds.
# Usage: scripts/chaos.sh [KILLS [FLIPS [CUTS]]]     500 kills, 1,000 flipped bits, 40 cuts of each file and of the last row
# AKKAWASM_SEED sets another seed.
set -eu
cd "$(dirname "$0")/.."
export CI=true AKKAWASM_KILLS=${1:-500} AKKAWASM_FLIPS=${2:-1000} AKKAWASM_CUTS=${3:-40}
exec dotnet test tests/AkkaWasm.Process.Tests -c Release --filter 'FullyQualifiedName~KillTests|FullyQualifiedName~DamageTests|FullyQualifiedName~FullDiskTests' --logger 'console;verbosity=detailed'
