# shellcheck shell=bash
# A server of one source that speaks HTTP, for checks of what it says. To be sourced,
# with `set -e`.

# Starts the server in the folder $1, with the token $2 where there is one, and waits until
# it is ready. Sets `site`, where it is, and `server`, its process.
start_site() {
    local folder=$1 token=${2:-} port http
    read -r port http < <(.ci/ports 2)
    cat >"$folder/zone.json" <<'END'
{"example.com": {"TXT": ["v=spf1 include:p.example ip4:192.0.2.0/24 -all"]},
 "p.example": {"TXT": ["v=spf1 ip4:198.51.100.0/25 -all"]}}
END
    cat >"$folder/spfc.toml" <<END
[serve]
state = "state"
[source.office]
domain = "example.com"
[[zone]]
record = "v=spf1 exists:%{ir}.%{v}._spf.example.com -all"
ns = ["spf1.example.com"]
source = "office"
[http]
listen = ["127.0.0.1:$http"]
END
    if [ -n "$token" ]; then
        echo "$token" >"$folder/token"
        echo 'token-file = "token"' >>"$folder/spfc.toml"
    fi
    "${SPFC:-target/debug/spfc}" serve --config "$folder/spfc.toml" \
        --dns-file "$folder/zone.json" --listen "127.0.0.1:$port" 2>"$folder/log" &
    server=$!
    site=http://127.0.0.1:$http
    for _ in $(seq 100); do
        if curl -sf "$site/readyz" >/dev/null; then return; fi
        sleep 0.1
    done
    echo 'the server is not ready' >&2
    cat "$folder/log" >&2
    return 1
}

# Ends it, which has to end well.
end_site() {
    kill -TERM "$server"
    wait "$server"
    server=
}
