#!/bin/sh
# Installs what is missing, builds with sanitizers, runs every test and lint.
#   sh tests/run.sh          gcc with ASan and UBSan, lints
#   sh tests/run.sh --all    also clang, TSan on whole conversations, a minute of fuzzing, clang-tidy, peers
# Everything a run prints is kept below build/tests; the last line is one of counts.
set -u
cd "$(dirname "$0")/.." || exit 2
here=$(pwd)
. mcp/deps.sh
all=
[ "${1:-}" = --all ] && all=yes
: "${POSTRUN_SHARED:=$here/../shared}"
export POSTRUN_SHARED POSTRUN_SOURCE="$here"
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
out=build/tests
mkdir -p "$out"
tests=0 passed=0 failed=0 skipped=0

say() { printf '%s\n' "$*"; }

# one NAME COMMAND...: a check that passes or fails by its exit status
one() {
    name=$1
    shift
    tests=$((tests + 1))
    if "$@" >"$out/$name.log" 2>&1 </dev/null; then
        passed=$((passed + 1))
        say "pass  $name"
    else
        failed=$((failed + 1))
        say "FAIL  $name"
        tail -n 40 "$out/$name.log" | sed 's/^/      /'
    fi
}

skip() {
    skipped=$((skipped + 1))
    say "skip  $1: $2"
}

# build DIR OPTIONS...: configures and builds ($only: these targets); the rest of the run needs it
only=
build() {
    dir=$1
    shift
    cmake -G Ninja -S . -B "$dir" "$@" >"$out/cmake.log" 2>&1 </dev/null && ninja -C "$dir" $only >"$out/ninja.log" 2>&1 </dev/null && return 0
    cat "$out/cmake.log" "$out/ninja.log" 2>/dev/null | tail -n 60
    say "FAIL  build of $dir"
    failed=$((failed + 1)) tests=$((tests + 1))
    return 1
}

# suites DIR LABEL [ctest options]: each ctest entry counts; Criterion's own numbers are shown
suites() {
    dir=$1 label=$2
    shift 2
    ctest --test-dir "$dir" --output-on-failure -j2 "$@" >"$out/$label.log" 2>&1 </dev/null
    ran=$(sed -n 's/.*tests passed, .* failed out of \([0-9]*\).*/\1/p' "$out/$label.log")
    bad=$(sed -n 's/.*tests passed, \([0-9]*\) tests* failed out of.*/\1/p' "$out/$label.log")
    cases=$(cat "$dir/Testing/Temporary/LastTest.log" 2>/dev/null | sed -n 's/.*Tested: .*\[0;1m\([0-9]*\).*/\1/p;s/.*Tested: \([0-9]*\) .*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
    tests=$((tests + ${ran:-1})) failed=$((failed + ${bad:-1})) passed=$((passed + ${ran:-0} - ${bad:-0}))
    say "$([ "${bad:-1}" = 0 ] && echo pass || echo FAIL)  $label: ${ran:-no} programs, ${bad:-?} failed, $cases unit tests"
    [ "${bad:-1}" = 0 ] || tail -n 120 "$out/$label.log"
}

if [ -n "$all" ]; then need all || exit 2; else need tests || exit 2; fi

# ---- gcc, ASan and UBSan; the release program for lints that ask it
build build/asan -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=address -DTESTS=ON && suites build/asan asan
build build/release -DCMAKE_BUILD_TYPE=Release && program=$here/build/release/postrun

# ---- lints
for lint in tests/lint/*.sh; do
    case $lint in
    *format.sh) command -v clang-format >/dev/null || { skip format "clang-format is not installed"; continue; } ;;
    esac
    one "lint_$(basename "$lint" .sh)" sh "$lint" "$program"
done

if [ -n "$all" ]; then
    # ---- the second compiler, as a release build
    build build/clang -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release -DTESTS=ON && suites build/clang clang

    # ---- TSan: Criterion does not start under it, so whole conversations and replays
    targets=$(cd tests/fuzz && ls fuzz_*.c | sed 's/\.c$//')
    only="postrun fixture_server talk $targets"
    build build/tsan -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=thread -DTESTS=ON &&
        TSAN_OPTIONS=atexit_sleep_ms=0 suites build/tsan tsan -R '^(talk_|postrun_|fuzz_|streams|shell|crowd)'

    # ---- a minute of fuzzing over all targets; long runs: sh tests/fuzz/long.sh
    only=$targets
    if build build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=address -DFUZZ=ON -DTESTS=ON; then
        count=$(ls tests/fuzz/fuzz_*.c | wc -l)
        for target in tests/fuzz/fuzz_*.c; do
            name=$(basename "$target" .c)
            corpus=$(mktemp -d)
            one "$name" "build/fuzz/tests/$name" -max_total_time=$((60 / count)) -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$out/" "$corpus" "tests/fuzz/corpus/${name#fuzz_}"
            rm -rf "$corpus"
        done
    fi
    only=

    # ---- clang-tidy over every file of the product
    cmake -G Ninja -S . -B build/clang -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null 2>&1
    one clang_tidy sh -c 'find analysis reports tools mcp -name "*.c" | xargs -P2 -n4 clang-tidy --quiet -p build/clang'

    # ---- 100,000 files, links in circles
    one wide_tree sh tests/tools/wide_tree.sh "$program"

    # ---- valgrind: a whole conversation without a lost byte
    one valgrind sh tests/mcp/valgrind.sh "$program"
fi

# ---- peers: the real editor, the real clients; where they can run
if [ -n "$all" ] && command -v node >/dev/null && command -v npm >/dev/null; then
    for peer in tests/peer/*/run.sh; do
        [ -f "$peer" ] || continue
        name=peer_$(basename "$(dirname "$peer")")
        sh "$peer" "$program" >"$out/$name.log" 2>&1 </dev/null
        case $? in
        0) tests=$((tests + 1)) passed=$((passed + 1)) && say "pass  $name" ;;
        77) skip "$name" "$(tail -n 1 "$out/$name.log")" ;;
        *) tests=$((tests + 1)) failed=$((failed + 1)) && say "FAIL  $name" && tail -n 30 "$out/$name.log" ;;
        esac
    done
else
    skip peers "they need --all, node and npm"
fi

say "$tests checks, $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
