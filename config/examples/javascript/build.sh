#!/usr/bin/env bash
# Builds build/agent.wasm: QuickJS, the runtime of the SDK and agent.js in one module. Usage: build.sh [OUT]
# SCRIPT=FILE takes another script, relative to the checkout.
source "$(dirname "$0")/../tools.sh"
here=config/examples/javascript
runtime=$sdk/javascript
need clang-19 'on Debian: apt-get install clang-19 lld-19'
need wasm-ld-19 'on Debian: apt-get install lld-19'
need_package binaryen
need_package @jitl/quickjs-ng-wasmfile-release-sync

objects=()
for source in "$runtime"/{host,runtime,values}.c "$sdk/c/text.c"; do
    object=$scratch/$(basename "$source" .c).o
    clang-19 --target=wasm32 -std=c23 -ffreestanding -fno-builtin -Wconversion -Wno-c23-extensions "${clang_flags[@]}" --embed-dir="$repository" \
        "-DSCRIPT=\"${SCRIPT:-$here/agent.js}\"" -c "$source" -o "$object"
    objects+=("$object")
done
wasm-ld-19 --no-entry "${wasm_ld_flags[@]}" -z stack-size=65536 "${objects[@]}" -o "$scratch/agent.wasm"
merge "${output:-$here/build/agent.wasm}" "$scratch/agent.wasm" agent "$runtime/emscripten.wat" a "$runtime/quickjs.wat" quickjs \
    "$packages/@jitl/quickjs-ng-wasmfile-release-sync/dist/emscripten-module.wasm" qjs
