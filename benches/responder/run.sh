#!/usr/bin/env bash
# The responder beside rbldnsd: server CPU time a question, memory, load, reload.
#
#   benches/responder/run.sh DATADIR            everything, some 15 minutes
#   ROUNDS=1 SECS=1 SIZES=1000 benches/responder/run.sh DATADIR      a smoke test
#   PARTS=speed benches/responder/run.sh DATADIR      one of: speed memory reload
#
# The machine has to be quiet. It needs rbldnsd, dnsperf and python3, and the
# folder `bench/responder` of ../shared or SPFC_SHARED: its gen.py makes the data
# in DATADIR (it is kept for the next run), its bench.py and reload.py measure.
# They are run from a copy, since reload.py knows only servers that stand in
# servers.conf. Beside ROUNDS (9) and SECS (3, of each round) there are THREADS (2)
# of each server, QUESTIONS (1000000) in the data, SIZES ("1000 100000 1000000")
# in ranges, and SPFC, a program that is built already.
#
# The servers: `rbldnsd`, the baseline; `spfc`, all at its defaults, where the
# loopback is never limited; `spfc-unlimited`, with rate-limit = 0; `spfc-counted`,
# which counts the loopback too against a limit that is never met; `spfc-image`,
# loaded from an image. All but the last read the list of ranges.
set -euo pipefail

[ $# = 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shared=$(realpath "${SPFC_SHARED:-$here/../../../shared}")/bench/responder
rounds=${ROUNDS:-9}
secs=${SECS:-3}
threads=${THREADS:-2}
questions=${QUESTIONS:-1000000}
sizes=${SIZES:-1000 100000 1000000}
parts=${PARTS:-speed memory reload}
zone=_spf.example.com

mkdir -p "$1"
data=$(realpath "$1")
if [ -z "${SPFC:-}" ]; then
    (cd "$here/../.." && cargo build --release --locked)
    SPFC=${CARGO_TARGET_DIR:-$here/../../target}/release/spfc
fi
spfc=$(realpath "$SPFC")
scripts=$(mktemp -d)
trap 'rm -rf "$scripts"' EXIT
cp "$shared"/*.py "$shared"/servers.conf "$scripts"

# The data of so many ranges, with configurations and an image.
prepare() {
    local folder=$data/$1
    if [ ! -f "$folder/hit.txt" ]; then
        python3 "$scripts/gen.py" "$data" "$1" "$questions"
    fi
    configuration '' >"$folder/spfc.toml"
    configuration 'rate-limit = 0' >"$folder/spfc-unlimited.toml"
    configuration $'rate-allow = []\nrate-limit = 16000000' >"$folder/spfc-counted.toml"
    "$spfc" image --quiet --config "$folder/spfc.toml" >/dev/null
}

# A configuration with this in its table of the server.
configuration() {
    cat <<EOF
[serve]
$1
[source.ranges]
cidrs = "cidr.txt"
[[zone]]
record = "v=spf1 exists:%{ir}.$zone -all"
ns = ["ns.example.net"]
source = "ranges"
image = "zone.image"
EOF
}

# How bench.py starts `spfc`: with which configuration, and which flags.
template() {
    echo "exec $spfc serve --quiet --config {dir}/$1.toml --listen 127.0.0.1:{port} --threads {threads} ${2:-}"
}

# bench.py, on the data of so many ranges.
measure() {
    local size=$1
    shift
    python3 "$scripts/bench.py" --data "$data/$size" --zone "$zone" --threads "$threads" \
        --out "$scripts/out" "$@" rbldnsd "spfc=$(template spfc)" \
        "spfc-unlimited=$(template spfc-unlimited)" "spfc-counted=$(template spfc-counted)" \
        "spfc-image=$(template spfc --image-only)"
}

wanted() {
    case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

for size in $sizes; do
    prepare "$size"
done
if wanted speed; then
    for size in $sizes; do
        measure "$size" --rounds "$rounds" --secs "$secs"
    done
fi
# What a server takes without data, to be taken off from what it takes with it: the
# column PSS here, and of the largest size above.
if wanted memory; then
    prepare 1
    measure 1 --rounds 1 --secs 1
fi
if wanted reload; then
    largest=$(tr ' ' '\n' <<<"$sizes" | sort -n | tail -n 1)
    echo "spfc = exec $here/from_rbl.sh $spfc {dir} {port} {threads}" >>"$scripts/servers.conf"
    printf '\nreload.py of %s, with ranges that are taken from the files of rbldnsd\n' "$shared"
    (cd "$scripts" && python3 reload.py "$data/$largest" rbldnsd rbldnsd-f spfc)
    printf '\nreload.py of %s, with new data in place before the signal\n' "$here"
    python3 "$here/reload.py" --bench "$scripts" --data "$data/$largest" --spfc "$spfc" \
        --threads "$threads" --rounds "$rounds"
fi
