#!/usr/bin/env python3
"""How soon `spfc serve` answers from what it left, with DNS down.

  start.py [--spfc target/release/spfc] [--tenants 1000] [--ranges 20] [--rounds 20]

A name server of its own publishes a policy of so many ranges for each tenant, and
`spfc serve` compiles all of them. Then it is killed, the name server says nothing any
more, and in each round the program is started: the time from its start to the first
right answer over UDP is taken, and to a right answer for each tenant. Prints the median
and the worst of the rounds. Ends with 1 where the median to the first is over 100 ms."""
import argparse, os, signal, socket, statistics, struct, subprocess, sys, tempfile, threading, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--spfc", default="target/release/spfc")
parser.add_argument("--tenants", type=int, default=1000)
parser.add_argument("--ranges", type=int, default=20)
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--keep", action="store_true", help="leave the folder, and say where it is")
args = parser.parse_args()
down = threading.Event()


def policy(number):
    ranges = (f"ip4:10.{number // 256}.{number % 256}.{2 * place}" for place in range(args.ranges))
    return f"v=spf1 {' '.join(ranges)} -all".encode()


def serve(server):
    while True:
        question, peer = server.recvfrom(4096)
        end = question.index(b"\0", 12) + 5
        label = question[13:13 + question[12]]
        if down.is_set() or not label.startswith(b"t"):
            continue
        text = policy(int(label[1:]))
        strings = b"".join(bytes([len(text[at:at + 255])]) + text[at:at + 255] for at in range(0, len(text), 255))
        record = b"\xc0\x0c\x00\x10\x00\x01" + struct.pack(">IH", 3600, len(strings)) + strings
        header = question[:2] + b"\x81\x80" + question[4:6] + struct.pack(">3H", 1, 0, 0)
        server.sendto(header + question[12:end] + record, peer)


def bound():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind(("127.0.0.1", 0))
    return server


def question(number):
    labels = [b"0", str(number % 256).encode(), str(number // 256).encode(), b"10", b"in-addr", b"t%d" % number]
    name = b"".join(bytes([len(label)]) + label for label in labels + [b"test", b"z", b"example"]) + b"\0"
    return struct.pack(">6H", number % 65536, 0, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1)


def passes(client, number, patience):
    """Whether the right answer for a tenant comes within so many seconds."""
    client.settimeout(patience)
    try:
        client.send(question(number))
        said = client.recv(512)
        # Answers to the questions of before may still be on their way.
        while said[:2] != struct.pack(">H", number % 65536):
            said = client.recv(512)
    except OSError:
        return False
    return said[3] & 15 == 0 and said[7] == 1


def start(folder, port, log, patience=0):
    """The process, and the seconds until its first right answer and that of each tenant,
    which has to be right at once, or within so many seconds."""
    words = [args.spfc, "serve", "--config", f"{folder}/spfc.toml", "--listen", f"127.0.0.1:{port}", "--threads", "2"]
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(("127.0.0.1", port))
    begun = time.monotonic()
    process = subprocess.Popen(words, stderr=log)
    while not passes(client, 0, 0.005):
        if process.poll() is not None or time.monotonic() - begun > 120:
            sys.exit(f"the server does not answer: see {folder}")
        time.sleep(0.0005)
    first = time.monotonic() - begun
    for number in range(args.tenants):
        while not passes(client, number, 2):
            if time.monotonic() - begun < patience:
                time.sleep(0.1)
                continue
                process.kill()
            sys.exit(f"no right answer for tenant {number}")
    return process, first, time.monotonic() - begun


def main(folder):
    server, port = bound(), bound()
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    dns, port_number = server.getsockname()[1], port.getsockname()[1]
    port.close()
    with open(f"{folder}/spfc.toml", "w") as config:
        config.write(f'[serve]\nresolvers = ["127.0.0.1:{dns}"]\nstate = "state"\n[refresh]\nretry = 1\n')
        config.writelines(f'[source.s{number}]\ndomain = "t{number}.test"\n' for number in range(args.tenants))
        config.write('[[zone]]\nrecord = "v=spf1 exists:%{ir}.%{v}.%{d}.z.example -all"\n')
        config.write('ns = ["ns.example.net"]\ntenants-file = "tenants"\n')
    with open(f"{folder}/tenants", "w") as tenants:
        tenants.writelines(f"t{number}.test s{number}\n" for number in range(args.tenants))
    log = open(f"{folder}/log", "w")
    # The name server may lose a question, which is asked again.
    process, first, _ = start(folder, port_number, log, 60)
    print(f"with DNS and nothing known: {1000 * first:.0f} ms")
    # It serves before the disk is waited for, and tells its status behind that.
    told = subprocess.run([args.spfc, "status", "--config", f"{folder}/spfc.toml"], capture_output=True, text=True)
    if told.returncode != 0:
        sys.exit(f"not all is well: {told.stdout[-300:]}{told.stderr}")
    process.send_signal(signal.SIGKILL)
    process.wait()
    down.set()
    firsts, alls = [], []
    for _ in range(args.rounds):
        process, first, every = start(folder, port_number, log)
        process.send_signal(signal.SIGKILL)
        process.wait()
        firsts.append(1000 * first)
        alls.append(1000 * every)
    for what, times in (("the first answer", firsts), (f"{args.tenants} of them", alls)):
        print(f"without DNS, {what}: median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms")
    return 1 if statistics.median(firsts) > 100 else 0


if args.keep:
    place = tempfile.mkdtemp(prefix="spfc-start.")
    print(place)
    sys.exit(main(place))
with tempfile.TemporaryDirectory() as place:
    status = main(place)
sys.exit(status)
