#!/bin/sh
# shell.sh POSTRUN: what a person types, on the bundled runs: exit status, and where words go.
set -u
program=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
runs=$here/tests/runs/experiments
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
bad=0 n=0

# expect WHAT STATUS TEXT COMMAND...: exit status, and a text in stdout or stderr
expect() {
    what=$1 status=$2 text=$3
    shift 3
    n=$((n + 1))
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" != "$status" ] || ! cat "$work/out" "$work/err" | grep -qF -e "$text"; then
        bad=$((bad + 1))
        echo "FAIL $what: exit $got, expected $status and '$text'"
        head -c 600 "$work/out" "$work/err"
    fi
}
post() { "$program" --experiments "$runs" --reports "$work/reports" "$@"; }

expect "help" 0 "usage: postrun" "$program" --help
expect "version" 0 "postrun 0" "$program" --version
expect "unknown option" 2 "unknown option" "$program" --nonsense
expect "unknown command" 2 "unknown command" "$program" nonsense
expect "call without a tool" 2 "usage" "$program" call
expect "list" 0 "10 experiments" post list
expect "check" 0 "10 experiments found" post check
expect "manual" 0 "## get_metrics" post manual
# The list in the program was made when it was built, the manual is made now: both from the rows.
printf '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}\n' | post serve |
    grep -o '{"name":"[a-z_]*","title"' | cut -d'"' -f4 >"$work/listed"
post manual | sed -n 's/^## //p' >"$work/rows"
expect "the list" 0 "get_metrics" cat "$work/listed"
expect "the rows" 0 "get_metrics" cat "$work/rows"
cmp "$work/listed" "$work/rows" || { bad=$((bad + 1)); echo "FAIL tools/list is not the manual's"; }
expect "call" 0 '"patterns":[' post call list_patterns
for threads in 1 2 4; do # the same bytes from every process, however many threads it has
    for turn in 1 2 3; do
        printf '{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"analyze_experiment","arguments":{"expId":"%s","detail":"full"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}\n' $turn 20240601-000000-commit_nogit-config_fc47dfd74c
    done | UV_THREADPOOL_SIZE=$threads post serve | sort >"$work/analysis.$threads"
done
expect "analyses" 0 "3" grep -c '"findings":\[' "$work/analysis.1"
expect "the same bytes of two threads" 0 "same" sh -c "cmp '$work/analysis.1' '$work/analysis.2' && echo same"
expect "the same bytes of four threads" 0 "same" sh -c "cmp '$work/analysis.1' '$work/analysis.4' && echo same"
expect "call, bad JSON" 1 "not JSON" post call get_status '{'
expect "call, no object" 1 "must be a JSON object" post call get_status '[1]'
expect "call, unknown tool" 1 "Unknown tool" post call get_nothing '{}'
expect "call, missing argument" 1 "expId is required" post call get_status '{}'
expect "missing root" 1 "$work/none" "$program" --experiments "$work/none" check
expect "missing root is an empty list" 0 '"total":0' "$program" --experiments "$work/none" call list_experiments
touch "$work/file"
expect "root that is a file" 1 "" "$program" --experiments "$work/file" check
mkdir "$work/junk" "$work/junk/a" && printf '\377\376junk' >"$work/junk/a/metadata.json" && mkdir "$work/junk/b" "$work/junk/b/dashboard_metrics" && printf '{"step": 1, "x"' >"$work/junk/b/dashboard_metrics/metrics.jsonl"
expect "root full of junk" 0 '"total":1' "$program" --experiments "$work/junk" call list_experiments
expect "cut only line" 0 '"totalPoints":0' "$program" --experiments "$work/junk" call get_metrics '{"expId":"b"}'
expect "an answer that cannot be written" 1 "could not be written" sh -c "'$program' call list_patterns >/dev/full"
mkdir "$work/many" && for i in $(seq 300); do mkdir -p "$work/many/r$i/dashboard_metrics"; done
expect "more runs than descriptors" 0 '"total":300' sh -c "ulimit -n 64; '$program' --experiments '$work/many' call list_experiments '{\"sort\":\"updated\",\"limit\":1}'"
expect "a text cut inside a character" 0 '"state":"finished"' sh -c "mkdir -p '$work/cut/e/dashboard_metrics' && printf '{\"status\":\"completed\",\"note\":\"cut \\\\ud83d\"}' >'$work/cut/e/dashboard_metrics/status.json' && '$program' --experiments '$work/cut' call get_status '{\"expId\":\"e\"}'"
expect "report of nothing" 1 "no experiment" post report nothing
expect "a written report" 0 "Verdict" post report 20240601-000000-commit_nogit-config_fc47dfd74c
expect "reports are listed" 0 '"total":1' post call list_reports
expect "wrong value" 1 "'mode' must be one of recent, historical" post call get_metrics '{"expId":"x","mode":"new"}'
expect "path trick" 1 "no experiment" post call get_metrics '{"expId":"../../etc"}'
expect "report path trick" 1 "Report not found" post call get_report '{"reportId":"../x"}'
if [ "$(id -u)" != 0 ]; then
    mkdir "$work/closed" && chmod 500 "$work/closed"
    expect "read-only reports" 1 "$work/closed" "$program" --experiments "$runs" --reports "$work/closed/r" call generate_report '{"pattern":"full-report","experimentId":"x"}'
fi
expect "no home, no reports directory" 1 "--reports DIR" env -u HOME -u POSTRUN_REPORTS "$program" --experiments "$runs" call generate_report '{"pattern":"full-report","experimentId":"20240601-000000-commit_nogit-config_fc47dfd74c"}'
expect "no home, reading works" 0 '"total":10' env -u HOME "$program" --experiments "$runs" call list_experiments '{"limit":1}'

echo "$n commands, $bad failed"
[ "$bad" -eq 0 ]
