"""The clients of soak.sh: soak.py PORT SECONDS.

One client asks over UDP and one over TCP, and hold each answer against what has
to pass; others send garbage and single octets, and go away. Ends with 1 when an
answer was wrong or lost.
"""

import random
import socket
import struct
import sys
import threading
import time

ADDRESS = ("127.0.0.1", int(sys.argv[1]))
END = time.monotonic() + float(sys.argv[2])
counts = {"udp": 0, "tcp": 0, "closed": 0, "garbage": 0, "slow": 0}
wrong = []


def question(number, address):
    labels = address.split(".")[::-1] + ["in-addr", "z", "example"]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    return struct.pack(">6H", number, 0, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1)


def judge(question_octets, answer, passes):
    """Whether it is the right answer; None for what comes and goes."""
    header = struct.unpack(">6H", answer[:12])
    code, records = header[1] & 15, header[3]
    said = {(0, 1): True, (3, 0): False}.get((code, records))
    right = answer[:2] == question_octets[:2] and header[1] & 0x8400 == 0x8400
    if not right or said is None or passes not in (None, said):
        wrong.append((question_octets, answer))


def chosen():
    octet = random.randrange(256)
    return random.choice(
        [(f"192.0.2.{octet}", True), (f"203.0.113.{octet}", False), (f"198.51.100.{octet}", None)]
    )


def ask_udp():
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(ADDRESS)
    client.settimeout(5)
    while time.monotonic() < END:
        address, passes = chosen()
        asked = question(random.randrange(65536), address)
        client.send(asked)
        try:
            judge(asked, client.recv(512), passes)
        except OSError as error:
            wrong.append((asked, error))
        counts["udp"] += 1
        time.sleep(0.002)


def ask_tcp():
    while time.monotonic() < END:
        try:
            with socket.create_connection(ADDRESS, 5) as client:
                stream = client.makefile("rb")
                for _ in range(random.randrange(1, 20)):
                    address, passes = chosen()
                    asked = question(random.randrange(65536), address)
                    client.sendall(struct.pack(">H", len(asked)) + asked)
                    (length,) = struct.unpack(">H", stream.read(2))
                    judge(asked, stream.read(length), passes)
                    counts["tcp"] += 1
        except (OSError, struct.error):
            # Its place was given to another one: it asks again.
            counts["closed"] += 1
        time.sleep(0.01)


def send_garbage():
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    while time.monotonic() < END:
        for _ in range(10):
            octets = bytearray(random.randbytes(random.randrange(200)))
            if random.random() < 0.5 and len(octets) > 12:
                octets[2:12] = bytes([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            try:
                client.sendto(octets, ADDRESS)
                client.recv(512)
            except OSError:
                pass
            counts["garbage"] += 1
        time.sleep(0.005)


def be_slow():
    slow = []
    while time.monotonic() < END:
        try:
            client = socket.create_connection(ADDRESS, 5)
            client.send(b"\0")
            slow.append(client)
            counts["slow"] += 1
        except OSError:
            pass
        if len(slow) > 300:
            slow.pop(random.randrange(len(slow))).close()
        time.sleep(0.05)


threads = [threading.Thread(target=one) for one in (ask_udp, ask_tcp, send_garbage, be_slow)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("clients:", ", ".join(f"{name} {count}" for name, count in counts.items()))
for asked, answer in wrong[:5]:
    print("wrong or lost:", asked, answer)
print(f"{len(wrong)} wrong or lost")
sys.exit(1 if wrong or counts["closed"] * 10 > counts["tcp"] else 0)
