#!/usr/bin/env bash
# All that has to be true before a change lands: warnings are errors, every test project runs tests, the committed guests are those of
# their sources, and the README's main job does what it says. Ends with one line "N passed, M failed, K skipped".
set -u -o pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
step() { printf '\n== %s\n' "$1"; }
bad() { printf 'FAILED: %s\n' "$1"; failures=$((failures + 1)); }

step 'build, warnings as errors'
dotnet build AkkaWasm.sln -c Release 2>&1 | tee "$work/build.log" | tail -n 4
[ "${PIPESTATUS[0]}" = 0 ] || { cat "$work/build.log"; echo '0 passed, 1 failed, 0 skipped'; exit 1; }
grep -q ': warning ' "$work/build.log" && bad 'the build has warnings'

step 'guests are those of their sources'
bash scripts/guests.sh --check || bad 'scripts/guests.sh --check'
bash scripts/examples.sh --check || bad 'scripts/examples.sh --check'

step 'tests'
dotnet test AkkaWasm.sln -c Release --no-build 2>&1 | tee "$work/test.log"
[ "${PIPESTATUS[0]}" = 0 ] || bad 'dotnet test'
sum() { grep -E '^(Passed|Failed|Skipped)! +-' "$work/test.log" | grep -oE "$1: +[0-9]+" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(sum Passed) failed=$(sum Failed) skipped=$(sum Skipped)
for project in tests/*.Tests; do
  name=$(basename "$project")
  grep -E '^(Passed|Failed)! +-' "$work/test.log" | grep -q "$name.dll" || bad "$name ran no test"
done

step 'the main job of the README'
bash scripts/main-job.sh "$work/data" || bad 'scripts/main-job.sh'

step 'the second act'
bash scripts/living-mesh.sh "$work/second-act" 10 || bad 'scripts/living-mesh.sh'

step 'figures (short form)'
bash scripts/bench.sh --short || bad 'scripts/bench.sh --short'

failed=$((failed + failures))
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
