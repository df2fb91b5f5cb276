#!/usr/bin/env bash
# Builds agent.wasm from agent.cpp: C++20 with exceptions, against Debian's libc++ and C library for WASI. Usage: build.sh [OUT]
# SOURCE=FILE takes another source, relative to the checkout.
source "$(dirname "$0")/../tools.sh"
here=config/examples/cpp
need clang++-22 'on Debian: apt-get install clang-22 lld-22'
need wasm-ld-22 'on Debian: apt-get install lld-22'
libcxx=/usr/lib/llvm-19
[[ -e $libcxx/lib/wasm32-wasi/libc++.a && -e /usr/lib/wasm32-wasi/libc.a ]] || {
    echo 'build.sh: libc++ for WASI is not installed; on Debian: apt-get install wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32' >&2
    exit 2
}

target=(--target=wasm32-wasip1 -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false)
cxx_flags=(-std=c++20 -nostdinc++ -isystem "$libcxx/include/wasm32-wasi/c++/v1" -isystem "$libcxx/include/c++/v1" -isystem /usr/include/wasm32-wasi)
objects=()
compile() {
    local object=$scratch/${1//\//-}.o
    "$2" "${target[@]}" "${clang_flags[@]}" "${@:3}" -c "$1" -o "$object"
    objects+=("$object")
}
compile "${SOURCE:-$here/agent.cpp}" clang++-22 "${cxx_flags[@]}"
compile "$sdk/cpp/exceptions.cpp" clang++-22 "${cxx_flags[@]}"
compile "$sdk/cpp/start.cpp" clang++-22 "${cxx_flags[@]}"
for source in "$sdk"/c/{json,json_scalars,text}.c; do
    compile "$source" clang-22 -std=c17 -isystem /usr/include/wasm32-wasi
done
wasm-ld-22 --no-entry "${wasm_ld_flags[@]}" -z stack-size=65536 "${objects[@]}" \
    -L"$libcxx/lib/wasm32-wasi" -L/usr/lib/wasm32-wasi -lc++ -lc++abi -lc "$libcxx/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a" \
    -o "$scratch/agent.wasm"
put "$scratch/agent.wasm" "${output:-$here/agent.wasm}"
