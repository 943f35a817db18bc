# shellcheck shell=bash
# What scripts share that run `spfc serve` beside dnsperf. To be sourced.

# A port of the loopback that is free.
free_port() {
    python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# For dnsperf: 256 addresses of z.example that pass, and 256 that do not.
questions() {
    for octet in $(seq 0 255); do
        echo "$octet.2.0.192.in-addr.z.example A"
        echo "$octet.113.0.203.in-addr.z.example A"
    done
}

# Waits until the server with this log answers.
wait_for_server() {
    for _ in $(seq 100); do
        if grep -q 'answers for' "$1"; then break; fi
        sleep 0.1
    done
}

# KiB of memory of a process.
memory() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}
