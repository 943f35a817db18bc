#!/usr/bin/env bash
# Lets `spfc serve` live through hours in which everything happens at once, and
# says whether all answers were right, none was lost, and memory stayed as it was.
#
#   tests/soak.sh [SECONDS] [QUERIES-A-SECOND]     (an hour of 20,000 a second)
#
# SPFC names the program (target/release/spfc). Wants dnsperf and python3. Beside
# dnsperf's load over UDP there are: new data and a SIGHUP every 10 seconds, now
# and then broken data; clients over TCP that ask, that send single octets, and
# that go away; garbage of up to 200 octets; and a client that holds each answer
# against what has to pass. Ends with 0 when all went well. The log stays in the
# folder that is named at the end.
set -euo pipefail

# shellcheck source=benches/serving.sh
. "$(dirname "$0")/../benches/serving.sh"

seconds=${1:-3600}
rate=${2:-20000}
spfc=${SPFC:-target/release/spfc}
folder=$(mktemp -d -t spfc-soak.XXXXXX)
port=$(free_port)
started=()

trap 'kill "${started[@]}" 2>/dev/null || true' EXIT

# 192.0.2.0/24 passes at all times and 203.0.113.0/24 never; 198.51.100.0/24 comes
# and goes, beside 50,000 other addresses.
data() {
    {
        echo 192.0.2.0/24
        if [ "$1" = more ]; then echo 198.51.100.0/24; fi
        seq 0 49999 | awk '{ printf "10.%d.%d.%d\n", $1 / 32768, $1 / 128 % 256, $1 % 128 * 2 }'
    } >"$folder/new"
    mv "$folder/new" "$folder/cidrs"
}

data less
cat >"$folder/spfc.toml" <<END
[serve]
log-one-in = 100000
tcp-connections = 200
[source.all]
cidrs = "cidrs"
[[zone]]
record = "v=spf1 exists:%{ir}.%{v}.z.example -all"
ns = ["ns.example.net"]
source = "all"
END
questions >"$folder/questions"

"$spfc" serve --config "$folder/spfc.toml" --listen "127.0.0.1:$port" --threads 2 2>"$folder/log" &
server=$!
started+=("$server")
wait_for_server "$folder/log"

dnsperf -s 127.0.0.1 -p "$port" -d "$folder/questions" -l "$seconds" -Q "$rate" -c 8 -t 2 \
    >"$folder/dnsperf" 2>&1 &
load=$!
started+=("$load")
python3 "$(dirname "$0")/soak.py" "$port" "$seconds" >"$folder/clients" 2>&1 &
clients=$!
started+=("$clients")

before=0
rounds=0
end=$((SECONDS + seconds))
while [ "$SECONDS" -lt "$end" ] && kill -0 "$server" 2>/dev/null; do
    case $((rounds % 6)) in
        5) echo nonsense >"$folder/cidrs" ;;
        0 | 2 | 4) data more ;;
        *) data less ;;
    esac
    kill -HUP "$server" || true
    rounds=$((rounds + 1))
    sleep 10
    # From here on the system has all memory that it needs.
    if [ "$rounds" = 6 ]; then before=$(memory "$server"); fi
done

failed=0
wait "$clients" || failed=1
wait "$load" || failed=1
after=$(memory "$server") || failed=1
kill -TERM "$server" || failed=1
wait "$server" || failed=1

grep -E 'Queries (sent|lost)|Response codes|Average Latency' "$folder/dnsperf" || failed=1
grep -qE 'Queries lost: +0 ' "$folder/dnsperf" || failed=1
cat "$folder/clients"
echo "reloads: $rounds; memory: $before KiB after a minute, ${after:-0} KiB at the end"
if [ "$before" -gt 0 ] && [ "${after:-0}" -gt $((before + before / 5 + 4096)) ]; then failed=1; fi
if grep -v 'old data' "$folder/log" | grep -q ERROR; then failed=1; fi
if [ "$failed" = 0 ]; then echo "all is well ($folder)"; else echo "NOT well: see $folder"; fi
exit "$failed"
