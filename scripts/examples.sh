#!/usr/bin/env bash
# Builds the agents of config/examples. Small modules are committed beside their sources; large ones go to a git-ignored folder, and
# are built again only if a source is newer. scripts/toolchain/install.sh installs what is needed.
#
#   scripts/examples.sh             builds all modules
#   scripts/examples.sh --check     builds the committed ones elsewhere and fails if one differs; builds the large ones
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# One folder each, with a build.sh.
committed=(c cpp assemblyscript)
large=(kotlin javascript ruby)

# The tests' module for exceptions in C++ is built as the example in C++ is.
exceptions=tests/guests/cpp/exceptions

# check MODULE EXAMPLE: whether the committed module is what the example's script gives.
check() {
    local module=$1
    bash "config/examples/$2/build.sh" "$scratch/module.wasm"
    if ! cmp -s "$scratch/module.wasm" "$module"; then
        echo "examples.sh: $module is not what its sources give with the compilers here (see scripts/toolchain/install.sh);" \
            "run scripts/examples.sh and commit the module" >&2
        return 1
    fi
    echo "$module is up to date"
}

# build_if_older EXAMPLE: builds a large module unless it is newer than all that it is made of.
build_if_older() {
    local example=config/examples/$1 module=config/examples/$1/build/agent.wasm
    if [[ ! -e $module || -n $(find "$example" src/sdk config/examples/tools.sh scripts/toolchain/package-lock.json -type f -newer "$module" -print -quit) ]]; then
        bash "$example/build.sh"
    fi
    echo "$module: $(wc -c < "$module" | tr -d ' ') bytes"
}

main() {
    local mode=${1:-build} example failed=0
    if [[ $# -gt 1 || ($mode != build && $mode != --check) ]]; then
        echo 'usage: scripts/examples.sh [--check]' >&2
        exit 2
    fi
    cd "$root"
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    for example in "${committed[@]}"; do
        if [[ $mode == --check ]]; then
            check "config/examples/$example/agent.wasm" "$example" || failed=1
        else
            bash "config/examples/$example/build.sh"
            echo "config/examples/$example/agent.wasm: $(wc -c < "config/examples/$example/agent.wasm" | tr -d ' ') bytes"
        fi
    done
    if [[ $mode == --check ]]; then
        SOURCE=$exceptions.cpp check "$exceptions.wasm" cpp || failed=1
    else
        SOURCE=$exceptions.cpp bash config/examples/cpp/build.sh "$exceptions.wasm"
        echo "$exceptions.wasm: $(wc -c < "$exceptions.wasm" | tr -d ' ') bytes"
    fi
    for example in "${large[@]}"; do
        build_if_older "$example" || failed=1
    done
    exit "$failed"
}

main "$@"
