#!/usr/bin/env bash
# `spfc serve` with the ranges of rbldnsd's data files, taken from them anew at each
# SIGHUP: from_rbl.sh SPFC DIR PORT THREADS. This is how reload.py, which changes
# those files, measures it; the time that taking them takes counts as the server's.
set -euo pipefail
spfc=$1 folder=$2 port=$3 threads=$4

# Lines with a range begin with a digit; the others are rbldnsd's own.
take() {
    LC_ALL=C grep -h '^[0-9a-f]' "$folder/ip4.rbl" "$folder/ip6.rbl" >"$folder/ranges.new"
    mv "$folder/ranges.new" "$folder/ranges.txt"
}

cat >"$folder/from_rbl.toml" <<EOF
[source.ranges]
cidrs = "ranges.txt"
[[zone]]
record = "v=spf1 exists:%{ir}._spf.example.com -all"
ns = ["ns.example.net"]
source = "ranges"
EOF
take
"$spfc" serve --quiet --config "$folder/from_rbl.toml" --listen "127.0.0.1:$port" \
    --threads "$threads" &
server=$!
trap 'take; kill -HUP $server' HUP
trap 'kill -TERM $server' TERM INT
# A signal ends the waiting, not the server.
while kill -0 "$server" 2>/dev/null; do
    wait "$server" || true
done
