#!/usr/bin/env bash
# Builds agent.wasm from agent.ts with the AssemblyScript compiler of the toolchain folder. Usage: build.sh [OUT]
# SOURCE=FILE takes another source, relative to the checkout.
source "$(dirname "$0")/../tools.sh"
here=config/examples/assemblyscript
need_package assemblyscript

run_node assemblyscript/bin/asc.js "${SOURCE:-$here/agent.ts}" -O3 --converge \
    --use abort="$sdk/assemblyscript/mesh/abort" --use seed="$sdk/assemblyscript/mesh/seed" \
    -o "${output:-$here/agent.wasm}"
