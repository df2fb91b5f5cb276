#!/usr/bin/env bash
# Installs what the guests are built with and PostgreSQL for the tests, as far as it is missing: from Debian's packages (bookworm and
# bookworm-security; needs root or sudo), everything else from npm into this folder, in the versions of package-lock.json. Usage: scripts/toolchain/install.sh
set -euo pipefail
cd "$(dirname "$0")"

# What each Debian package is recognized by: a command, or a file.
debian=(
    clang-19=clang-19 lld-19=wasm-ld-19 clang-22=clang++-22 lld-22=wasm-ld-22
    wasi-libc=/usr/lib/wasm32-wasi/libc.a libclang-rt-19-dev-wasm32=/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a
    libc++-19-dev-wasm32=/usr/lib/llvm-19/lib/wasm32-wasi/libc++.a libc++abi-19-dev-wasm32=/usr/lib/llvm-19/lib/wasm32-wasi/libc++abi.a
    openjdk-17-jre-headless=java npm=npm postgresql-15=/usr/lib/postgresql/15/bin/postgres
)
missing=()
for package in "${debian[@]}"; do
    sign=${package#*=}
    [[ -e $sign ]] || command -v "$sign" > /dev/null || missing+=("${package%%=*}")
done
if [[ ${#missing[@]} -gt 0 ]]; then
    as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo)
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null || {
        echo "install.sh: these Debian packages could not be installed: ${missing[*]}" >&2
        exit 1
    }
fi

# The folder keeps the lock that it was installed from.
if ! cmp -s package-lock.json node_modules/installed-lock.json; then
    npm ci --ignore-scripts --no-audit --no-fund --silent
    cp package-lock.json node_modules/installed-lock.json
fi
