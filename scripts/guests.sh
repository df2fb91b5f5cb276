#!/usr/bin/env bash
# Builds the guests that are written in C: one module for each folder of config/earthquakes/agents that holds C files, put
# beside its sources; and the WASI programs of the tests. The same sources give the same bytes in any folder and on any machine
# that has this compiler: what is committed was made by LLVM 19.1.7. Another 19.1 may well give the same; if --check fails, look there first.
#
#   scripts/guests.sh           builds all modules
#   scripts/guests.sh --check   builds them elsewhere and fails if one differs from what is committed
source "$(dirname "${BASH_SOURCE[0]}")/../config/examples/tools.sh" ''
read_mode "$@"
need clang-19 'on Debian: apt-get install clang-19 lld-19'
need wasm-ld-19 'on Debian: apt-get install lld-19'

agents=config/earthquakes/agents
shared_sources=(src/sdk/c/json.c src/sdk/c/json_scalars.c src/sdk/c/text.c src/sdk/c/event.c)

# build AGENT OUT: builds the module of one agent into the file OUT.
build() {
    local agent=$1 out=$2 source object
    local objects=()
    for source in "${shared_sources[@]}" "$agents/$agent"/*.c; do
        object=$scratch/$agent/$(basename "$source" .c).o
        mkdir -p "$(dirname "$object")"
        clang-19 --target=wasm32 -std=c17 "${clang_flags[@]}" -ffreestanding -Wconversion -c "$source" -o "$object"
        objects+=("$object")
    done
    wasm-ld-19 --no-entry -z stack-size=16384 "${wasm_ld_flags[@]}" "${objects[@]}" -o "$out"
}

for folder in "$agents"/*/; do
    agent=$(basename "$folder")
    if compgen -G "$agents/$agent/*.c" > /dev/null; then
        deliver "$agents/$agent/$agent.wasm" build "$agent"
    fi
done
tests/guests/wasi/build.sh "$mode" || failed=1
exit "$failed"
