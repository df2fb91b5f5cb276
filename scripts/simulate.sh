#!/usr/bin/env bash
# Runs the mesh on one thread from seeds, with faults, and judges what came of it. A seed that fails is printed with its step, the command that does
# the same again and a smaller one. Exit codes: 0 every promise holds, 1 one was broken, 2 the arguments are wrong.
# Usage: scripts/simulate.sh [SEED [COUNT]] [--steps N] [--without FAULT,...] [--focus FAULT,...] [--sabotage NAME] [--changes] [--replaces] [--pools] [--rules]
#        [--integrates] [--no-shrink] [--output text|json]
#        1,000 seeds from 0 on unless said otherwise; one, if only SEED is given. The flags in between also change the mesh: its topology, its modules (watched, too),
#        pools, rules that act by themselves, an agent that asks for changes.
set -eu
cd "$(dirname "$0")/.."
dotnet build tests/AkkaWasm.Simulation -c Release -v q --nologo >&2
exec dotnet tests/AkkaWasm.Simulation/bin/Release/net10.0/AkkaWasm.Simulation.dll "$@"
