#!/bin/sh
# run.sh [SET|all] [RUNS [CLASS]]: builds the detection benchmark and prints its table. README.md names the sets.
set -eu
cd "$(dirname "$0")/../../.."
build=${POSTRUN_BENCH_BUILD:-build/bench}
mkdir -p "$build"
cmake -G Ninja -B "$build" -DCMAKE_BUILD_TYPE=Release -DTESTS=ON . >"$build/log" 2>&1 || { cat "$build/log" >&2; exit 1; }
ninja -C "$build" detection_bench >"$build/log" 2>&1 || { cat "$build/log" >&2; exit 1; }
exec "$build/tests/detection_bench" "${1:-dev}" ${2:+"$2"} ${3:+"$3"}
