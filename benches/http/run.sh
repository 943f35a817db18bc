#!/usr/bin/env bash
# What HTTP does to DNS, and how much of it there is.
#
#   run.sh [SECONDS [RATE]]
#
# A server answers RATE questions of dnsperf a second, first alone and then beside
# wrk, which asks it over HTTP as fast as it can: the CPU of the threads that answer
# DNS is taken for both, by question. Ends with 1 where an answer is lost, or where a
# question costs over a tenth more beside HTTP. Needs dnsperf, wrk, curl and python3.
set -euo pipefail

seconds=${1:-15}
rate=${2:-5000}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=benches/serving.sh
. "$here/../serving.sh"
spfc=${SPFC:-$here/../../target/release/spfc}
folder=$(mktemp -d -t spfc-http.XXXXXX)
server=

trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT

port=$(free_port)
http=$(free_port)
python3 - >"$folder/zone.json" <<'END'
import json
ranges = [f"ip4:198.51.{octet}.0/25" for octet in range(0, 12)]
print(json.dumps({
    "example.com": {"TXT": ["v=spf1 include:p.example include:q.example ip4:192.0.2.0/24 -all"]},
    "p.example": {"TXT": [f"v=spf1 {' '.join(ranges)} -all"]},
    "q.example": {"TXT": ["v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all"]},
}))
END
cat >"$folder/spfc.toml" <<END
[serve]
state = "state"
rate-limit = 0
[http]
listen = ["127.0.0.1:$http"]
[source.mail]
domain = "example.com"
[[zone]]
record = "v=spf1 exists:%{ir}.%{v}.z.example -all"
ns = ["ns.example.net"]
source = "mail"
END
questions >"$folder/questions"
"$spfc" serve --config "$folder/spfc.toml" --dns-file "$folder/zone.json" \
    --listen "127.0.0.1:$port" --threads 1 2>"$folder/log" &
server=$!
wait_for_server "$folder/log"

# Nanoseconds of CPU that the threads of UDP have had.
dns_cpu() {
    local task sum=0 spent
    for task in "/proc/$server/task/"*; do
        if grep -q '^udp-' "$task/comm"; then
            read -r spent _ <"$task/schedstat"
            sum=$((sum + spent))
        fi
    done
    echo "$sum"
}

# Lets dnsperf ask, and sets `cost`, nanoseconds a question, and `lost`.
ask() {
    local before after sent
    before=$(dns_cpu)
    dnsperf -s 127.0.0.1 -p "$port" -d "$folder/questions" -l "$seconds" -Q "$rate" -c 4 \
        >"$folder/dnsperf" 2>&1
    after=$(dns_cpu)
    sent=$(awk '/Queries sent:/ { print $3 }' "$folder/dnsperf")
    lost=$(awk '/Queries lost:/ { print $3 }' "$folder/dnsperf")
    cost=$(((after - before) / sent))
}

# Requests a second of wrk with these arguments.
load() {
    wrk -t 1 -c 32 -d "${seconds}s" "$@" | awk '
        /Requests\/sec/ { rate = $2 }
        /Non-2xx/ { bad = $0 }
        END { print rate, bad }'
}

site=http://127.0.0.1:$http
curl -sf "$site/readyz" >/dev/null
echo "check of a served policy: $(load -s "$here/check.lua" "$site/api/v1/check") requests a second"
echo "metrics: $(load "$site/metrics") requests a second"

failed=0
# In turn, since the machine is not always as fast.
changes=()
for round in 1 2 3 4 5; do
    ask
    alone=$cost
    [ "$lost" = 0 ] || failed=1
    load -s "$here/check.lua" "$site/api/v1/check" >"$folder/wrk" &
    beside=$!
    ask
    wait "$beside"
    [ "$lost" = 0 ] || failed=1
    change=$(((cost - alone) * 100 / alone))
    echo "round $round: a question costs $alone ns alone, $cost ns beside HTTP: $change %; lost: $lost; HTTP: $(cat "$folder/wrk") a second"
    changes+=("$change")
done
median=$(printf '%s\n' "${changes[@]}" | sort -n | sed -n 3p)
echo "median: $median %"
[ "$median" -lt 10 ] || failed=1
kill -TERM "$server"
wait "$server" || failed=1
server=
exit "$failed"
