#!/bin/sh
# What a server's descriptors may be, and how it leaves: streams.sh SERVER
# SERVER offers the fixtures (slow). One line a case, then a count; exit 0 only if all passed.
set -u
[ $# -eq 1 ] || { sed -n 2,3p "$0" >&2; exit 2; }
server=$1
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
good=0 bad=0

check() { # check NAME STATUS [DETAIL]
  if [ "$2" -eq 0 ]; then good=$((good + 1)); echo "pass  $1"
  else bad=$((bad + 1)); echo "FAIL  $1${3:+ ($3)}"; fi
}
ping() { printf '{"jsonrpc":"2.0","id":%d,"method":"ping"}\n' "$1"; }
meta='"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'
slow() { printf '{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"slow","arguments":{"ms":%d,"steps":%d,"deaf":%s},%s}}\n' "$1" "$2" "$3" "${4:-false}" "$meta"; }
answers() { grep -c '"result"' "$1"; }
now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)); }

{ ping 1; ping 2; slow 3 200 4; ping 4; } > "$work/requests"
timeout 5 "$server" < "$work/requests" > "$work/out"; s=$?
[ $s -eq 0 ] && [ "$(answers "$work/out")" -eq 4 ]; check "stdin and stdout are files" $? "exit $s, $(answers "$work/out") answers"
timeout 5 "$server" < "$work/requests" | cat > "$work/out"
[ "$(answers "$work/out")" -eq 4 ]; check "stdin is a file, stdout a pipe" $?
timeout 5 "$server" < /dev/null > "$work/out"; s=$?
[ $s -eq 0 ] && [ ! -s "$work/out" ]; check "stdin is /dev/null" $? "exit $s"
timeout 5 "$server" <&- > "$work/out" 2> "$work/err"; s=$?
[ $s -eq 0 ] && [ ! -s "$work/out" ]; check "stdin is closed" $? "exit $s"
cat "$work/requests" | timeout 5 "$server" > /dev/null; s=$?
check "stdout is /dev/null" $s "exit $s"
cat "$work/requests" | timeout 5 "$server" >&-; s=$?
check "stdout is closed" $s "exit $s"
timeout 5 "$server" < "$work/requests" > /dev/full 2> "$work/err"; s=$?
check "the disk is full" $s "exit $s"

# A reader that goes away: the next answer ends it, with stdin still open.
t=$(now)
{ ping 1; sleep 0.3; ping 2; sleep 0.3; ping 3; sleep 4; } | { timeout 5 "$server"; echo $? > "$work/status"; } | head -n 1 > "$work/out" &
for _ in $(seq 1 30); do [ -s "$work/status" ] && break; sleep 0.1; done
ms=$(since "$t")
[ "$(cat "$work/status" 2> /dev/null)" = 0 ] && [ "$ms" -lt 2500 ]; check "the reader went away" $? "$ms ms, exit $(cat "$work/status" 2> /dev/null)"
wait

leaves_on_term() { # leaves_on_term NAME REQUEST...
  name=$1; shift
  mkfifo "$work/fifo"
  "$server" < "$work/fifo" > "$work/out" &
  pid=$!
  exec 7> "$work/fifo"
  printf '%s\n' "$@" >&7
  for _ in $(seq 1 50); do [ -s "$work/out" ] && break; sleep 0.02; done
  t=$(now); kill -TERM "$pid"; wait "$pid"; s=$?; ms=$(since "$t")
  exec 7>&-
  rm "$work/fifo"
  [ $s -eq 0 ] && [ "$ms" -lt 2000 ]; check "$name" $? "exit $s after $ms ms"
}
leaves_on_term "SIGTERM while idle" "$(ping 1)"
leaves_on_term "SIGTERM while a call runs" "$(slow 9 20000 2000)" "$(ping 1)"
leaves_on_term "SIGTERM while a call runs that does not listen" "$(slow 9 20000 1 true)" "$(ping 1)"

# A client that writes everything before it reads anything: both must not wait for each other.
seq 1 20000 | sed 's/.*/{"jsonrpc":"2.0","id":&,"method":"ping"}/' > "$work/flood"
mkfifo "$work/back"
timeout 20 "$server" < "$work/flood" > "$work/back" & pid=$!
exec 8< "$work/back"; sleep 0.5
n=$(grep -c '"result"' <&8); wait $pid; s=$?; exec 8<&-
[ $s -eq 0 ] && [ "$n" -eq 20000 ]; check "20,000 pings before the first is read" $? "exit $s, $n answers"

# More answers than the queue may hold (200,000 of 40 bytes): reading stops, nothing is lost.
seq 1 200000 | sed 's/.*/{"jsonrpc":"2.0","id":&,"method":"ping"}/' > "$work/flood"
timeout 20 "$server" < "$work/flood" > "$work/back" & pid=$!
exec 8< "$work/back"; sleep 0.5
rss=$(awk '/VmHWM/{print $2}' /proc/$(pgrep -P $pid | head -1)/status 2> /dev/null || echo 0)
n=$(grep -c '"result"' <&8); wait $pid; s=$?; exec 8<&-
[ $s -eq 0 ] && [ "$n" -eq 200000 ]; check "200,000 pings before the first is read" $? "exit $s, $n answers"
echo "      peak ${rss:-0} KiB while nobody read"

# 200 calls at once: at most 64 are taken in, all are answered. Stdin stays open until then.
{ seq 1 200 | while read -r i; do slow "$i" 1 1; done; sleep 1.2; } | timeout 10 "$server" > "$work/out"
n=$(answers "$work/out"); [ "$n" -eq 200 ]; check "200 calls at once" $? "$n answers"

# End of input while 64 calls run, and more wait unread.
t=$(now)
seq 1 100 | while read -r i; do slow "$i" 20000 2000; done | timeout 10 "$server" > "$work/out"; s=$?; ms=$(since "$t")
[ $s -eq 0 ] && [ "$ms" -lt 2500 ]; check "end of input behind 100 slow calls" $? "exit $s after $ms ms"

# A line of 64 MiB is refused, and what follows is answered.
{ head -c 67108864 /dev/zero | tr '\0' x; echo; ping 7; sleep 0.5; } | timeout 20 "$server" > "$work/out"
[ "$(answers "$work/out")" -eq 1 ] && grep -q -- -32600 "$work/out"; check "a line of 64 MiB" $?
if [ -x /usr/bin/time ]; then
  { head -c 67108864 /dev/zero | tr '\0' x; echo; } | /usr/bin/time -f %M -o "$work/rss" "$server" > /dev/null
  rss=$(tail -1 "$work/rss"); [ "$rss" -lt 131072 ] || grep -qa -e __asan_init -e __tsan_init "$server"; check "… in less than 128 MiB" $? "$rss KiB"
fi

echo "$good passed, $bad failed"
[ "$bad" -eq 0 ]
