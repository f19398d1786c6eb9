#!/bin/sh
# valgrind.sh POSTRUN: a whole conversation under valgrind: no error, no lost byte.
set -u
program=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
call() { printf '{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"%s","arguments":%s}}\n' "$1" "$2" "$3"; }
lm=20241010-235824-commit_nogit-config_064757cc5c
rl=20191201-000000-commit_nogit-rl_7abba88389
{
    printf '%s\n' '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"valgrind","version":"1"}}}'
    printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' '{"jsonrpc":"2.0","id":2,"method":"resources/list"}' 'no json' '{"jsonrpc":"2.0","id":3,"method":"nothing"}'
    call 4 list_experiments '{}'
    call 5 get_metrics "{\"expId\":\"$lm\",\"mode\":\"historical\"}"
    call 6 get_rl_metrics "{\"expId\":\"$rl\"}"
    call 7 describe_experiment "{\"expId\":\"$lm\"}"
    call 8 generate_report "{\"pattern\":\"post-training\",\"experimentId\":\"$lm\"}"
    call 9 generate_report "{\"pattern\":\"post-training\",\"experimentId\":\"$rl\"}"
    call 10 list_reports '{}'
    call 11 get_status '{"expId":"../x"}'
    sleep 20 # valgrind is slow, and end of input gives calls 1.5 s
} | valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
    "$program" --experiments "$here/tests/runs/experiments" --reports "$work/reports" >"$work/out"
status=$?
answers=$(grep -c '"id":' "$work/out")
echo "exit $status, $answers answers"
[ "$status" -eq 0 ] && [ "$answers" -eq 12 ]
