#!/usr/bin/env bash
# Builds agent.wasm from agent.c and the C files of the SDK: freestanding, no C library. Usage: build.sh [OUT]
source "$(dirname "$0")/../tools.sh"
here=config/examples/c
need clang-19 'on Debian: apt-get install clang-19 lld-19'
need wasm-ld-19 'on Debian: apt-get install lld-19'

objects=()
for source in "$here/agent.c" "$sdk"/c/{event,json,json_scalars,text}.c; do
    object=$scratch/$(basename "$source" .c).o
    clang-19 --target=wasm32 -std=c17 -ffreestanding -Wconversion "${clang_flags[@]}" -c "$source" -o "$object"
    objects+=("$object")
done
wasm-ld-19 --no-entry "${wasm_ld_flags[@]}" -z stack-size=16384 "${objects[@]}" -o "$scratch/agent.wasm"
put "$scratch/agent.wasm" "${output:-$here/agent.wasm}"
