#!/usr/bin/env bash
# Builds the guests that are written in C: one module for each folder of config/earthquakes/agents that holds C files, put
# beside its sources. The same sources give the same bytes in any folder and on any machine that has this compiler.
#
#   scripts/guests.sh           builds all modules
#   scripts/guests.sh --check   builds them elsewhere and fails if one differs from what is committed
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
agents=config/earthquakes/agents
# The release whose output is committed. Another 19.1 may well give the same bytes; if --check fails, look here first.
expected_version=19.1.7

compiler_flags=(
    --target=wasm32 -std=c17 -O2 -mbulk-memory -mnontrapping-fptoint -ffreestanding -fno-ident
    -Wall -Wextra -Wpedantic -Wconversion -Werror
    -ffile-prefix-map="$root"=.
    -I src/sdk/c
)
# Only the names of functions are kept, for back-traces; a stack that overflows runs into address 0 and traps.
linker_flags=(
    --no-entry --gc-sections --stack-first -z stack-size=16384
    --strip-all --keep-section=name --build-id=none --no-demangle --fatal-warnings
)
shared_sources=(src/sdk/c/json.c src/sdk/c/json_scalars.c src/sdk/c/text.c src/sdk/c/event.c)

require() {
    local tool
    for tool in clang-19 wasm-ld-19; do
        if ! command -v "$tool" > /dev/null; then
            echo "guests.sh: $tool is not installed; the guests are built with LLVM $expected_version" \
                "(Debian, Ubuntu: apt-get install clang-19 lld-19)" >&2
            exit 2
        fi
    done
}

# build AGENT OUT: builds the module of one agent into the file OUT.
build() {
    local agent=$1 out=$2 source object
    local objects=()
    for source in "${shared_sources[@]}" "$agents/$agent"/*.c; do
        object=$scratch/$agent/$(basename "$source" .c).o
        mkdir -p "$(dirname "$object")"
        clang-19 "${compiler_flags[@]}" -c "$source" -o "$object"
        objects+=("$object")
    done
    wasm-ld-19 "${linker_flags[@]}" "${objects[@]}" -o "$out"
}

check() {
    local agent=$1
    build "$agent" "$scratch/$agent.wasm"
    if ! cmp -s "$scratch/$agent.wasm" "$agents/$agent/$agent.wasm"; then
        echo "guests.sh: $agents/$agent/$agent.wasm is not what its sources give with $(clang-19 --version | head -n 1)" \
            "(expected $expected_version); run scripts/guests.sh and commit the module" >&2
        return 1
    fi
    echo "$agents/$agent/$agent.wasm is up to date"
}

main() {
    local mode=${1:-build} agent source failed=0
    if [[ $# -gt 1 || ($mode != build && $mode != --check) ]]; then
        echo "usage: scripts/guests.sh [--check]" >&2
        exit 2
    fi
    require
    cd "$root"
    export LC_ALL=C
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    for source in "$agents"/*/; do
        agent=$(basename "$source")
        if ! compgen -G "$agents/$agent/*.c" > /dev/null; then
            continue
        fi
        if [[ $mode == --check ]]; then
            check "$agent" || failed=1
        else
            build "$agent" "$agents/$agent/$agent.wasm"
            echo "$agents/$agent/$agent.wasm: $(wc -c < "$agents/$agent/$agent.wasm" | tr -d " ") bytes"
        fi
    done
    if [[ $mode == --check ]]; then
        tests/guests/wasi/build.sh --check || failed=1
    else
        tests/guests/wasi/build.sh
    fi
    exit "$failed"
}

main "$@"
