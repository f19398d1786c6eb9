#!/bin/sh
# crowd.sh POSTRUN: every tool about trajectories at once, over one pipe, while their file grows. Each call is
# answered and none fails; under the thread sanitizer it is the run that shows who touches what unlocked.
set -u
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/runs"

# lines FROM TO: trajectories of two trainings and three epochs
lines() {
    awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i < to; i++) {
        printf "{\"trajectory_id\":\"t%d\",\"data_id\":\"q%d\",\"training_id\":\"r%d\",\"epoch_id\":%d,\"reward\":%d,", i, i % 20, i % 2, i % 3, (i % 7 > 3)
        printf "\"termination_reason\":\"%s\",\"steps\":[{\"action\":\"search[x]\",\"observation\":\"%s\",\"reward\":0.5},", i % 5 ? "finish" : "timeout", i % 4 ? "ok" : "timeout"
        printf "{\"action\":\"open[y]\",\"observation\":\"Error: no\",\"reward\":0.1}]}\n" } }'
}
ask() {
    id=$((id + 1))
    printf '{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":%s,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}\n' "$id" "$1" "$2"
}
ask_all() {
    ask list_trainings '{}'
    ask list_epochs '{"training_id":"r1"}'
    ask get_epoch_progression '{"training_id":"r1"}'
    ask compare_trainings '{"training_ids":"r0,r1"}'
    ask list_failure_cases '{"limit":5}'
    ask get_trajectory '{"trajectory_id":"t3"}'
    ask get_termination_stats '{"group_by":"epoch_id"}'
    ask get_tool_return_stats '{}'
    ask get_reward_stats '{"group_by":"training_id"}'
    ask get_process_reward_correlation '{}'
    ask list_unexpected_tool_contexts '{"limit":5}'
    ask get_pass_at_k '{}'
}

id=0
lines 0 300 >"$work/runs/agents.jsonl"
{
    for round in 1 2 3 4 5 6; do
        ask_all
        lines $((round * 300)) $((round * 300 + 300)) >>"$work/runs/agents.jsonl"
        [ "$round" = 3 ] && lines 5000 5100 >"$work/runs/more.jsonl"
        ask_all
    done
    sleep 3 # by then the file is old enough for answers to be kept
    ask_all
    ask_all
} | "$program" --experiments "$work/runs" --reports "$work/reports" >"$work/out" 2>"$work/err"
status=$?
# A file that was read while it was written to may have changed since: that is said, and asked again.
answers=$(grep -c '"structuredContent"' "$work/out")
conflicts=$(grep -c 'postrun/code":"conflict' "$work/out")
echo "exit $status, $answers answers, $conflicts conflicts of 168"
if [ "$status" != 0 ] || [ $((answers + conflicts)) != 168 ] || [ "$conflicts" -gt 12 ]; then
    grep -v '"structuredContent"' "$work/out" | head -3
    head -40 "$work/err"
    exit 1
fi
cat "$work/err"
grep -q '"used":2200' "$work/out" || { echo "the last lines are missing"; exit 1; }

# A file that is read in blocks by as many threads as there are processors gives what one thread gives.
mkdir "$work/large"
lines 0 20000 >"$work/large/agents.jsonl"
large() { "$@" "$program" --experiments "$work/large" call get_tool_return_stats '{"group_by":"training_id"}'; }
large env >"$work/many" 2>>"$work/err" && large taskset -c "$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')" >"$work/one" 2>>"$work/err" &&
    cmp "$work/many" "$work/one" || { echo "threads make a difference"; head -40 "$work/err"; exit 1; }
