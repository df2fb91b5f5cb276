#!/usr/bin/env bash
# Builds build/agent.wasm: Ruby with its standard library, the runtime of the SDK and agent.rb in one module. Usage: build.sh [OUT]
# SCRIPT=FILE takes another script, relative to the checkout.
source "$(dirname "$0")/../tools.sh"
here=config/examples/ruby
runtime=$sdk/ruby
need clang-19 'on Debian: apt-get install clang-19 lld-19'
need wasm-ld-19 'on Debian: apt-get install lld-19'
need_package binaryen
need_package @ruby/3.4-wasm-wasi

objects=()
for source in "$runtime/runtime.c" "$sdk/c/text.c"; do
    object=$scratch/$(basename "$source" .c).o
    clang-19 --target=wasm32 -std=c23 -ffreestanding -fno-builtin -Wconversion -Wno-c23-extensions "${clang_flags[@]}" --embed-dir="$repository" \
        "-DSCRIPT=\"${SCRIPT:-$here/agent.rb}\"" -c "$source" -o "$object"
    objects+=("$object")
done
wasm-ld-19 --no-entry "${wasm_ld_flags[@]}" -z stack-size=65536 "${objects[@]}" -o "$scratch/agent.wasm"
merge "${output:-$here/build/agent.wasm}" "$packages/@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm" ruby "$scratch/agent.wasm" agent \
    "$runtime/javascript.wat" rb-js-abi-host "$runtime/canonical_abi.wat" canonical_abi
