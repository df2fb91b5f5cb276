#!/usr/bin/env bash
# Builds the agents of config/examples. Small modules are committed beside their sources; large ones go to a git-ignored folder, and
# are built again only if a source is newer. scripts/toolchain/install.sh installs what is needed.
#
#   scripts/examples.sh             builds all modules
#   scripts/examples.sh --check     builds the committed ones elsewhere and fails if one differs; builds the large ones
source "$(dirname "${BASH_SOURCE[0]}")/../config/examples/tools.sh" ''
read_mode "$@"

# One folder each, with a build.sh.
committed=(c cpp assemblyscript)
large=(kotlin javascript ruby)

# Modules of the tests that are built as the example in their language is: for exceptions in C++, and for an agent that changes the topology.
exceptions=tests/guests/cpp/exceptions
integrator=tests/guests/assemblyscript/integrator

# build_if_older EXAMPLE: builds a large module unless it is newer than all that it is made of.
build_if_older() {
    local example=config/examples/$1 module=config/examples/$1/build/agent.wasm
    if [[ ! -e $module || -n $(find "$example" src/sdk config/examples/tools.sh scripts/toolchain/package-lock.json -type f -newer "$module" -print -quit) ]]; then
        bash "$example/build.sh"
    fi
    report "$module"
}

for example in "${committed[@]}"; do
    deliver "config/examples/$example/agent.wasm" bash "config/examples/$example/build.sh"
done
deliver "$integrator.wasm" env SOURCE="$integrator.ts" bash config/examples/assemblyscript/build.sh
deliver "$exceptions.wasm" env SOURCE="$exceptions.cpp" bash config/examples/cpp/build.sh
for example in "${large[@]}"; do
    build_if_older "$example" || failed=1
done
exit "$failed"
