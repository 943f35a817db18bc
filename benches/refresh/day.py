#!/usr/bin/env python3
"""The name server and the client of day.sh: day.py DNS-PORT SERVER-PORT SECONDS GRACE.

The name server publishes `example.com` with networks that stay and an address that is
another one at each second. Every 20 seconds it fails for two, and every 50 it leaves
half of the networks out for three. The client asks for an address of each half, for
one that never passes, and for the changing ones: the address of now may pass, that of
GRACE seconds ago must not any more unless a fault has come between, and within GRACE
seconds one of the latest must. Ends with 1 when an answer was wrong or lost."""
import socket, struct, sys, threading, time

DNS, SERVER, SECONDS, GRACE = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
HALVES = ("ip4:192.0.2.0/24", "ip4:198.51.100.0/24")
TTL, BACKOFF = 1, 4.0  # seconds; the longest time until DNS is asked again that failed twice
begun = time.monotonic()
asked = 0


def fault(at):
    """What is wrong at this second: nothing, DNS, or half of the policy."""
    if at % 20 in (10, 11):
        return "dns"
    return "half" if at % 50 in (33, 34, 35) else None


def changing(at):
    return f"10.0.{at // 256 % 256}.{at % 256}"


def answer(question):
    """The answer to a question: TXT of example.com, nothing else."""
    end = question.index(b"\0", 12) + 5
    name, kind = question[12:end - 4].lower(), question[end - 4:end - 2]
    at = int(time.monotonic() - begun)
    wrong = fault(at)
    if wrong == "dns":
        return question[:2] + b"\x81\x82" + question[4:6] + bytes(6) + question[12:end]
    halves = HALVES[:1] if wrong == "half" else HALVES
    text = f"v=spf1 {' '.join(halves)} ip4:{changing(at)} -all".encode()
    known = name == b"\x07example\x03com\x00" and kind == b"\x00\x10"
    header = question[:2] + b"\x81\x80" + question[4:6] + struct.pack(">3H", int(known), 0, 0)
    record = b"\xc0\x0c\x00\x10\x00\x01" + struct.pack(">IH", TTL, len(text) + 1) + bytes([len(text)]) + text
    return header + question[12:end] + (record if known else b"")


def serve():
    global asked
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", DNS))
    while True:
        question, peer = server.recvfrom(4096)
        asked += 1
        server.sendto(answer(question), peer)


class Client:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", SERVER))
        self.socket.settimeout(2)
        self.number, self.count, self.wrong, self.lost, self.latest = 0, 0, [], 0, []

    def passes(self, address):
        """Whether an address passes; None where no answer comes."""
        self.number = (self.number + 1) % 65536
        labels = address.split(".")[::-1] + ["in-addr", "z", "example"]
        name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
        self.count += 1
        try:
            self.socket.send(struct.pack(">6H", self.number, 0, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1))
            said = self.socket.recv(512)
            while struct.unpack(">H", said[:2])[0] != self.number:
                said = self.socket.recv(512)
        except OSError:
            self.lost += 1
            return None
        said = {(0, 1): True, (3, 0): False}.get((said[3] & 15, said[7]))
        if said is None:
            self.wrong.append(f"{address}: no answer that makes sense")
        return said

    def has_to(self, address, passes, why):
        said = self.passes(address)
        if said is not None and said != passes:
            self.wrong.append(f"{time.monotonic() - begun:.2f} s: {address} {'passes' if said else 'fails'}, {why}")

    def look(self):
        """Asks for all that is known at this moment."""
        for address in ("192.0.2.7", "198.51.100.7"):
            self.has_to(address, True, "and passes at all times")
        self.has_to("203.0.113.7", False, "and never passes")
        now = time.monotonic() - begun
        self.has_to(changing(int(now) + 5), False, "and was not published yet")
        # How long ago the server has to know of, whatever has failed meanwhile.
        back = int(now - GRACE - TTL)
        window = range(back, int(now) + 1)
        if back < 0 or any(fault(at) for at in range(max(int(back - BACKOFF), 0), int(now) + 1)):
            return
        self.has_to(changing(back - 1), False, "and was taken away long ago")
        latest = [at for at in window if self.passes(changing(at))]
        later = time.monotonic() - begun
        # The server may go from one to the next between two questions.
        if not latest and not any(self.passes(changing(at)) for at in range(back, int(later) + 1)):
            self.wrong.append(f"{now:.2f} s: nothing of the last {GRACE + TTL} seconds passes")
        self.latest += [now - max(latest)] if latest else []


threading.Thread(target=serve, daemon=True).start()
client = Client()
while client.passes("192.0.2.7") is not True:
    if time.monotonic() - begun > 30:
        sys.exit("the server does not answer")
    time.sleep(0.05)
first = time.monotonic()
client.lost, client.count, client.wrong = 0, 0, []
while time.monotonic() - first < SECONDS:
    client.look()
    time.sleep(0.01)
print(f"asked: {client.count}, wrong: {len(client.wrong)}, lost: {client.lost}; questions to DNS: {asked}")
ages = sorted(client.latest)
if ages:
    print(f"age of what passes: median {ages[len(ages) // 2]:.2f} s, worst {ages[-1]:.2f} s")
for line in client.wrong[:20]:
    print(line)
sys.exit(1 if client.wrong or client.lost else 0)
