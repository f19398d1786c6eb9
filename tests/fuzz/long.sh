#!/bin/sh
# long.sh [MINUTES] [TARGET]: fuzzes each target for MINUTES (5), one after another. A find stops it and is kept in build/finds.
# FUZZ_ONLY=K keeps the readers' targets to the K-th of their formats.
set -eu
cd "$(dirname "$0")/../.."
. mcp/deps.sh
need all
minutes=${1:-5}
cmake -G Ninja -S . -B build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=address -DFUZZ=ON -DTESTS=ON >/dev/null
ninja -C build/fuzz >/dev/null
mkdir -p build/finds
for source in tests/fuzz/fuzz_${2:-*}.c; do
    name=$(basename "$source" .c)
    work=build/corpus/$name
    mkdir -p "$work"
    echo "== $name, $minutes minutes"
    build/fuzz/tests/"$name" -max_total_time=$((minutes * 60)) -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix=build/finds/ "$work" "tests/fuzz/corpus/${name#fuzz_}" 2>&1 | grep -E 'DONE|SUMMARY|ERROR|stat::number_of_executed|Test unit'
done
