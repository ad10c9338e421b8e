#!/usr/bin/env python3
"""live_memory.py GNOMON: the memory of a sensor does not grow from day to day.

Days pass by the packets' clock; on each, clients ask thousands of servers that nobody knows. What is
remembered of them goes when the day is over, so that the last days need no more than the first."""

import os
import re
import socket
import struct
import sys

from live_net import Trouble, ask, check, main, status, until
from live_streams import listening

DAYS = 10
WARM = 4               # by then everything has been as large as it gets
GROWTH_MAX_MIB = 10
CONNECTIONS = 5_000    # a day; remembered they are some 4 MiB
START = 1_700_006_400  # midnight UTC
SYN, ACK, PUSH, FIN = 2, 16, 8, 1


def segment(source, destination, sport, dport, number, acknowledged, flags, payload=b""):
    tcp = struct.pack("!HHIIBBHHH", sport, dport, number, acknowledged, 0x50, flags, 65535, 0, 0)
    length = 20 + len(tcp) + len(payload)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 0, 0, 64, 6, 0, source, destination)
    return b"\2" * 6 + b"\4" * 6 + b"\x08\x00" + ip + tcp + payload


def connection(number):
    client = struct.pack("!I", 0x0A010000 + number % 2000)
    server = struct.pack("!I", 0xC0000000 + number)
    port = 20000 + number % 40000
    name = f"{'a' * 60}.{'b' * 60}.{'c' * 60}.host{number}.example"
    request = f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    to, back = (client, server, port, 80), (server, client, 80, port)
    asked, told = 1 + len(request), 1 + len(answer)
    return (segment(*to, 0, 0, SYN), segment(*back, 0, 1, SYN | ACK),
            segment(*to, 1, 1, PUSH | ACK, request), segment(*back, 1, asked, PUSH | ACK, answer),
            segment(*to, asked, told, FIN | ACK), segment(*back, told, asked + 1, FIN | ACK))


def seconds_of(day, number):
    return START + 86_400 * day + number * 86_000 // CONNECTIONS


def records(day, numbers):
    """Of the connections of a day, which are spread over it; and how many."""
    parts = []
    for number in numbers:
        seconds = seconds_of(day, number)
        for place, frame in enumerate(connection(number)):
            parts.append(struct.pack("<IIII", seconds, place * 1000, len(frame), len(frame)) + frame)
    return b"".join(parts), len(parts)


def written_to(database):
    """Up to when the inventory holds what came, in seconds."""
    return (ask(database, "SELECT max(last_packet_ns) FROM capture_run")[0][0] or 0) // 10**9


def memory_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024


def days_pass(gnomon, folder):
    # What a build with AddressSanitizer keeps of freed memory is none of the sensor's.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    database = folder / "g.db"
    told = folder / "status.json"
    sensor, port = listening(gnomon, folder, database, "--write-status", told)
    memory, sent = [], 0
    with sensor, socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for day in range(DAYS):
            # The first one alone: the batch after it ends the day before, and forgets it.
            for numbers in (range(1), range(1, CONNECTIONS)):
                data, frames = records(day, numbers)
                peer.sendall(data)
                sent += frames
                until(lambda: status(told)["total"]["received"] >= sent, "what was sent")
                until(lambda: written_to(database) >= seconds_of(day, numbers[-1]), "the batch")
            memory.append(memory_mib(sensor.process.pid))
        check(sensor.stop() == 0, "exit code")
    print("MiB by day: " + " ".join(f"{each:.0f}" for each in memory))
    rows = ask(database, "SELECT count(*), count(DISTINCT run) FROM host_unknown")[0]
    check(rows[0] > DAYS * CONNECTIONS * 0.9 and rows[1] == DAYS, f"unknown hosts and days: {rows}")
    growth = max(memory[WARM:]) - max(memory[:WARM])
    check(growth < GROWTH_MAX_MIB, f"{growth:.0f} MiB more than in the first {WARM} days")


if __name__ == "__main__":
    try:
        sys.exit(main({"days_pass": days_pass}, sys.argv[1]))
    except Trouble as trouble:
        sys.exit(str(trouble))
