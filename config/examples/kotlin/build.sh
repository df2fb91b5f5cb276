#!/usr/bin/env bash
# Builds build/agent.wasm from the Kotlin files here and in the SDK: WasmGC and exceptions, by the Kotlin compiler of the toolchain
# folder and a Java runtime. Usage: [SOURCE=folder] build.sh [OUT]
source "$(dirname "$0")/../tools.sh"
here=config/examples/kotlin
need java 'on Debian: apt-get install openjdk-17-jre-headless'
need_package kotlin-compiler
need_package binaryen
compiler=$packages/kotlin-compiler
library=$compiler/lib/kotlin-stdlib-wasm-wasi.klib

# kotlinc FLAGS…: the compiler, which speaks up only when something is wrong.
kotlinc() {
    if ! JAVA_OPTS='-Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1' bash "$compiler/bin/kotlinc-wasm" -Xwasm-target=wasm-wasi -libraries "$library" -ir-output-name agent "$@" \
        > "$scratch/kotlinc.txt" 2>&1; then
        cat "$scratch/kotlinc.txt" >&2
        exit 1
    fi
}
kotlinc -Werror -ir-output-dir "$scratch/library" "${SOURCE:-$here}"/*.kt "$sdk"/kotlin/*.kt
kotlinc -Xir-produce-js -Xir-dce -Xwasm-use-new-exception-proposal "-Xinclude=$scratch/library/agent.klib" -ir-output-dir "$scratch/module"
out=${output:-$here/build/agent.wasm}
mkdir -p "$(dirname "$out")"
# Binaryen takes out what is not used, and makes calls direct: a third of the size, and faster.
run_node binaryen/bin/wasm-opt "${binaryen_features[@]}" -O2 --closed-world -g "$scratch/module/agent.wasm" -o "$out"
