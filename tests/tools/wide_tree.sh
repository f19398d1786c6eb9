#!/bin/sh
# wide_tree.sh POSTRUN: 100,000 files with symlinks in circles: each run is found once, in seconds and
# a bounded memory; says how long it took.
set -u
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
bad=0 n=0

# 2,000 runs of five files, each with links to itself, the root, other runs, and a pair that leads nowhere
run=$tree/sweep001/run01
mkdir -p "$run" "$tree/images" "$tree/tables" || exit 2
printf 'step,loss\n1,0.5\n2,0.25\n3,0.125\n' >"$run/metrics.csv"
(cd "$run" && touch w1.bin w2.bin w3.bin w4.bin && ln -s . self && ln -s ../.. root && ln -s ../../sweep001 first &&
    ln -s there here && ln -s here there)
(cd "$tree/sweep001" && for i in $(seq -w 2 20); do cp -a run01 "run$i"; done)
(cd "$tree" && for i in $(seq -w 2 100); do cp -a sweep001 "sweep$i"; done)
# one folder of 60,000 pictures, one of 20,000 files with the names of logs
(cd "$tree/images" && seq -f '%06.0f.png' 60000 | xargs touch)
(cd "$tree/tables" && seq -f 'part%05.0f.csv' 20000 | xargs touch)
entries=$(find "$tree" | wc -l)
echo "$entries entries"

# within WHAT SECONDS TEXT COMMAND...: it succeeds in time and memory, and says so
within() {
    what=$1 seconds=$2 text=$3
    shift 3
    n=$((n + 1))
    from=$(date +%s%N)
    timeout "$seconds" sh -c 'ulimit -v 1048576; exec "$@"' sh "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    ms=$((($(date +%s%N) - from) / 1000000))
    echo "$what: $ms ms"
    if [ $status -ne 0 ] || ! cat "$work/out" "$work/err" | grep -qF -e "$text"; then
        bad=$((bad + 1))
        echo "FAIL $what: exit $status, expected '$text'"
        head -c 600 "$work/out" "$work/err"
    fi
}
within "list" 60 "2000 experiments" "$program" --experiments "$tree" list
within "list_experiments" 60 '"total":2000' "$program" --experiments "$tree" call list_experiments '{}'
within "check" 60 "2000 experiments found" "$program" --experiments "$tree" check
echo "$n checks, $bad failed"
[ $bad -eq 0 ]
