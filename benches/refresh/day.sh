#!/usr/bin/env bash
# A day of `spfc serve` that keeps a source up to date, at scaled time: a second
# stands for the 300 seconds of a TTL, so a day has 288 changes.
#
#   benches/refresh/day.sh [SECONDS] [QUESTIONS-A-SECOND]     (288 of 5,000 a second)
#
# SPFC names the program (target/release/spfc). Wants dnsperf and python3. A name
# server of its own, in day.py, publishes a policy with another address at each
# second; now and then it fails, or takes half of the policy away, which has to be
# held back. dnsperf asks for what passes at all times and for what never does; a
# client holds each answer against what has to pass at that moment: the last address
# may or may not within the TTL and GRACE seconds (3) around its change, and must
# have followed then. Prints swaps, questions, wrong and lost answers and memory, and
# ends with 0 when none was wrong or lost. The log stays in the folder that is named
# at the end.
set -euo pipefail

seconds=${1:-288}
rate=${2:-5000}
grace=${GRACE:-3}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=benches/serving.sh
. "$here/../serving.sh"
spfc=${SPFC:-$here/../../target/release/spfc}
folder=$(mktemp -d -t spfc-day.XXXXXX)
started=()

trap 'kill "${started[@]}" 2>/dev/null || true' EXIT

port=$(free_port)
dns=$(free_port)
cat >"$folder/spfc.toml" <<END
[serve]
resolvers = ["127.0.0.1:$dns"]
state = "state"
[refresh]
least = 1
retry = 1
[source.mail]
domain = "example.com"
[[zone]]
record = "v=spf1 exists:%{ir}.%{v}.z.example -all"
ns = ["ns.example.net"]
source = "mail"
END
questions >"$folder/questions"

python3 "$here/day.py" "$dns" "$port" "$seconds" "$grace" >"$folder/clients" 2>&1 &
clients=$!
started+=("$clients")
sleep 1
"$spfc" serve --config "$folder/spfc.toml" --timeout 1 --listen "127.0.0.1:$port" --threads 2 2>"$folder/log" &
server=$!
started+=("$server")
wait_for_server "$folder/log"

dnsperf -s 127.0.0.1 -p "$port" -d "$folder/questions" -l "$seconds" -Q "$rate" -c 4 -t 2 \
    >"$folder/dnsperf" 2>&1 &
load=$!
started+=("$load")
sleep $((seconds / 4))
before=$(memory "$server")

failed=0
wait "$load" || failed=1
wait "$clients" || failed=1
after=$(memory "$server") || failed=1
"$spfc" status --config "$folder/spfc.toml" >"$folder/status" || true
kill -TERM "$server" || failed=1
wait "$server" || failed=1

grep -E 'Queries (sent|lost)|Response codes|Average Latency' "$folder/dnsperf" || failed=1
grep -qE 'Queries lost: +0 ' "$folder/dnsperf" || failed=1
cat "$folder/clients"
echo "swaps: $(grep -c 'is served:' "$folder/log"); held back: $(grep -c 'until somebody accepts' "$folder/log");" \
    "DNS failed: $(grep -c 'DNS fails' "$folder/log")"
echo "memory: ${before:-0} KiB after a quarter, ${after:-0} KiB at the end; history: $(stat -c %s "$folder/state/history.db") octets"
if [ "$failed" = 0 ]; then echo "all is well ($folder)"; else echo "NOT well: see $folder"; fi
exit "$failed"
