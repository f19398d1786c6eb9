#!/bin/sh
# run.sh [DATA]: the figures of the program, beside the least this machine can do (floor) in the same run.
# Needs the measuring programs of $POSTRUN_SHARED/checks/bench and python3. DATA is made if it is not there (2.7 GB with 10M points).
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd)
: "${POSTRUN_SHARED:=$here/../shared}"
bench=$POSTRUN_SHARED/checks/bench
data=${1:-${TMPDIR:-/tmp}/postrun-bench}
sh mcp/serve.sh --version >/dev/null
cc -O2 -o build/floor "$bench/floor.c" -lpthread
[ -d "$data/runs/m1m" ] || python3 "$bench/gen_experiments.py" --out "$data/runs" --lm m10k:10000 --lm m100k:100000 --lm m1m:1000000 \
    --rl r1k:1000:lagrangian --rl r100k:100000:lagrangian --experiments 5
[ -d "$data/huge/m10m" ] || python3 "$bench/gen_experiments.py" --out "$data/huge" --lm m10m:10000000
[ -d "$data/list10k" ] || python3 "$bench/gen_experiments.py" --out "$data/list10k" --experiments 10000
[ -d "$data/list1k" ] || python3 "$bench/gen_experiments.py" --out "$data/list1k" --experiments 1000
postrun() { printf '%s' "$here/build/postrun --reports $data/reports --experiments $1"; }
mcp() { python3 "$bench/mcp_bench.py" "$@"; }

echo "== floor"
for run in runs/m100k runs/m1m huge/m10m; do build/floor lines "$data/$run/dashboard_metrics/metrics.jsonl"; done
for list in list1k list10k; do build/floor walk "$data/$list"; done
mkdir -p "$data/write" && build/floor write "$data/write"
echo "== start, floods; B is floor serve"
mcp --parts cold,flood --rounds 3 --data "$data/runs" --cases 'status|m10k' --b "$here/build/floor serve" -- $(postrun "$data/runs")
echo "== calls"
mcp --parts calls --rounds 3 --live --limit 300 --data "$data/runs" -- $(postrun "$data/runs")
echo "== 10M points"
mcp --parts calls --rounds 1 --live --limit 200 --data "$data/huge" --cases 'historical_key_m10m|recent_m10m' -- $(postrun "$data/huge")
for list in list1k list10k; do
    echo "== $list"
    mcp --parts calls --rounds 3 --data "$data/$list" --cases 'list_experiments|status' -- $(postrun "$data/$list")
done
