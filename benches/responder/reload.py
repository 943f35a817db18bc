#!/usr/bin/env python3
"""What a reload costs those who ask, of rbldnsd and spfc in turn.

  reload.py --bench DIR --data DATA/1000000 --spfc target/release/spfc [--rounds 9]

DIR has the project's bench.py (../shared/bench/responder), DATA is of its gen.py. In
each round each server is started, and asked twice a millisecond, without waiting for
answers: for an address that always passes, and for one that is new. New data with it
is made beforehand; then the clock starts, the data is moved into place and the server
is sent SIGHUP. What is printed: how long until the new address passes, the longest
time without an answer, the same in a second in which nothing is reloaded (what the
machine itself makes of it), questions without an answer within a second, answers that
are wrong (also: the new address gone again), and the most memory (RSS). Medians of the
rounds, and the worst round behind them."""
import argparse, os, re, select, shutil, signal, socket, statistics, struct, subprocess, sys, time

ZONE = "_spf.example.com"
CONFIG = f"""[source.ranges]
cidrs = "cidr.txt"
[[zone]]
record = "v=spf1 exists:%{{ir}}.{ZONE} -all"
ns = ["ns.example.net"]
source = "ranges"
image = "zone.image"
"""
BEFORE, AFTER, STEADY, MOST, LOST = 0.5, 0.5, 1.0, 600.0, 1.0  # seconds


def prepare(folder, args):
    """A copy of the data, which rounds change."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name in ("cidr.txt", "ip4.rbl", "ip6.rbl", "hit.txt"):
        shutil.copy(f"{args.data}/{name}", folder)
    open(f"{folder}/spfc.toml", "w").write(CONFIG)
    subprocess.run([args.spfc, "image", "-q", "--config", f"{folder}/spfc.toml"], check=True, stdout=subprocess.DEVNULL)


def renewed(folder, args, address):
    """New data beside the old: the names of the files that are to be moved."""
    for name in ("ip4.rbl", "cidr.txt"):
        shutil.copy(f"{folder}/{name}", f"{folder}/{name}.new")
        open(f"{folder}/{name}.new", "a").write(f"{address}\n")
    text = CONFIG.replace("cidr.txt", "cidr.txt.new")
    open(f"{folder}/new.toml", "w").write(text)
    new = f"{folder}/zone.image.new"
    subprocess.run([args.spfc, "image", "-q", "--config", f"{folder}/new.toml", "-o", new], check=True, stdout=subprocess.DEVNULL)


class Asker:
    """Asks at a steady pace, whatever comes back."""

    def __init__(self, bench, port, hit, new):
        self.names, self.bench = (hit, new), bench
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.sent, self.asked, self.wrong, self.lost, self.silence = {}, 0, 0, 0, 0.0
        self.last = self.seen = None

    def ask(self):
        number = self.asked & 0xFFFF
        self.lost += number in self.sent
        try:
            self.socket.send(self.bench.query(self.names[number & 1], qid=number))
        except OSError:
            pass
        self.sent[number] = time.monotonic()
        self.asked += 1

    def take(self, wait):
        until = time.monotonic() + wait
        while True:
            left = until - time.monotonic()
            if not select.select([self.socket], [], [], max(left, 0))[0]:
                return
            try:
                answer = self.socket.recv(4096)
            except OSError:
                continue
            self.read(answer, time.monotonic())

    def read(self, answer, now):
        number = struct.unpack(">H", answer[:2])[0]
        begun = self.sent.pop(number, None)
        if begun is None:
            return
        self.lost += now - begun > LOST
        got, new = (answer[3] & 15, answer[7]), number & 1
        if new and got == (0, 1) and self.seen is None:
            self.seen = now
        right = [(0, 1)] if not new or self.seen else [(3, 0)]
        # A question from before the new data may be answered by the old, late.
        if new and self.seen and begun < self.seen:
            right.append((3, 0))
        self.wrong += got not in right
        if self.last is not None:
            self.silence = max(self.silence, now - self.last)
        self.last = now

    def for_seconds(self, seconds, end=lambda: False):
        until = time.monotonic() + seconds
        while time.monotonic() < until and not end():
            self.ask()
            self.take(0.0005)


def most_memory(server):
    """The most memory that the server's processes had, in MiB. To look while it reloads
    would hold up those who ask."""
    text = "".join(open(f"/proc/{process}/status").read() for process in server.pids)
    return sum(map(int, re.findall(r"^VmHWM:\s+(\d+)", text, re.M))) / 1024


def one(name, template, files, number, args, bench, folder):
    address = f"0.{number}.2.3"
    renewed(folder, args, address)

    class Options:
        data, zone, threads, cpu_server, out, start_timeout = folder, ZONE, args.threads, "", folder, 900

    server = bench.Server(name, template, args.port + number % 1000, Options)
    try:
        asker = Asker(bench, server.port, open(f"{folder}/hit.txt").read(), f"3.2.{number}.0.{ZONE}")
        asker.for_seconds(BEFORE)
        for file in files:
            os.replace(f"{folder}/{file}.new", f"{folder}/{file}")
        begun = time.monotonic()
        os.kill(server.pids[-1] if name.startswith("rbldnsd") else server.pids[0], signal.SIGHUP)
        asker.for_seconds(MOST, lambda: asker.seen is not None)
        asker.for_seconds(AFTER)
        silence, asker.silence = asker.silence, 0.0
        asker.for_seconds(STEADY)
        asker.take(LOST)
        took = asker.seen - begun if asker.seen else float("inf")
        lost = asker.lost + len(asker.sent)
        return took, silence * 1000, asker.silence * 1000, lost, asker.wrong, most_memory(server), asker.asked
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--spfc", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--port", type=int, default=27300)
    args = parser.parse_args()
    sys.path.insert(0, args.bench)
    import bench

    serve = f"exec {args.spfc} serve -q --config {{dir}}/spfc.toml --listen 127.0.0.1:{{port}} --threads {{threads}}"
    rbldnsd = "exec rbldnsd -n {fork} -a -4 -u nobody -b 127.0.0.1/{{port}} -c 0 -t 3600 {{zone}}:ip4trie:{{dir}}/ip4.rbl {{zone}}:ip6trie:{{dir}}/ip6.rbl"
    servers = {
        "rbldnsd": (rbldnsd.format(fork=""), ["ip4.rbl"]),
        "rbldnsd-f": (rbldnsd.format(fork="-f"), ["ip4.rbl"]),
        "spfc": (serve, ["cidr.txt"]),
        "spfc-image": (serve + " --image-only", ["zone.image"]),
    }
    folder = args.data.rstrip("/") + ".reload"
    rows, number = {name: [] for name in servers}, 0
    try:
        prepare(folder, args)
        for _ in range(args.rounds):
            for name, (template, files) in servers.items():
                rows[name].append(one(name, template, files, number, args, bench, folder))
                number += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("| server | new address after s | longest silence ms | without a reload | lost | wrong | most RSS MiB | asked |\n|---|---|---|---|---|---|---|---|")
    for name, rounds in rows.items():
        columns = list(zip(*rounds))
        show = lambda values, form: f"{statistics.median(values):{form}} ({max(values):{form}})"
        cells = [show(columns[0], ".2f"), show(columns[1], ".1f"), show(columns[2], ".1f"), str(sum(columns[3])), str(sum(columns[4])), show(columns[5], ".1f"), f"{sum(columns[6]):,}"]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
