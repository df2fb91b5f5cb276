#!/usr/bin/env bash
# Builds the WASI programs of the tests from the C files beside this script, against Debian's C library for WASI.
#
#   tests/guests/wasi/build.sh           builds all modules beside their sources
#   tests/guests/wasi/build.sh --check   builds them elsewhere and fails if one differs from what is committed
source "$(dirname "${BASH_SOURCE[0]}")/../../../config/examples/tools.sh" ''
read_mode "$@"
here=tests/guests/wasi
need clang-19 'on Debian: apt-get install clang-19 lld-19'
need wasm-ld-19 'on Debian: apt-get install lld-19'
[[ -e /usr/lib/wasm32-wasi/libc.a ]] || {
    echo 'build.sh: the C library for WASI is not installed; on Debian: apt-get install wasi-libc libclang-rt-19-dev-wasm32' >&2
    exit 2
}

linker_flags=("${wasm_ld_flags[@]/#/-Wl,}" -Wl,-z,stack-size=65536)

# compile NAME OUT FLAGS…: builds one program.
compile() {
    clang-19 --target=wasm32-wasi -std=gnu17 "${clang_flags[@]}" -Wno-gnu-statement-expression "${linker_flags[@]}" "${@:3}" "$here/$1.c" -o "$2"
}

build() {
    local out=$2
    case $1 in
    reactor) compile reactor "$out" -mexec-model=reactor ;;
    stream)
        compile stream "$scratch/stream.plain.wasm" -Wl,--export=malloc
        need_package binaryen
        run_node binaryen/bin/wasm-opt --asyncify --pass-arg=asyncify-imports@wasi_snapshot_preview1.fd_read,wasi_snapshot_preview1.poll_oneoff -O2 \
            "$scratch/stream.plain.wasm" -o "$out"
        ;;
    *) compile "$1" "$out" ;;
    esac
}

for source in "$here"/*.c; do
    name=$(basename "$source" .c)
    deliver "$here/$name.wasm" build "$name"
done
exit "$failed"
