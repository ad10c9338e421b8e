#!/usr/bin/env python3
"""How fast the console answers: each page alone, then a hundred readers at once, optionally while captures
are recorded.

    tests/bench/console/measure.py --gnomon build/release/gnomon --db big.db [--write CAPTURE...]

Prints milliseconds as the client sees them. With --write, the captures are replayed into the inventory
again and again (--again) while the readers read; every failure of either is counted."""
import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "e2e"))
from console import Console, Client, add_user  # noqa: E402


class Reader:
    """One keep-alive connection, as a browser has it."""

    def __init__(self, port, cookie):
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie

    def get(self, target):
        began = time.monotonic()
        self.line.request("GET", target, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        body = answer.read()
        return answer.status, (time.monotonic() - began) * 1000, len(body)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gnomon", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between the pages of one reader")
    parser.add_argument("--write", nargs="*", default=[])
    options = parser.parse_args()
    if not os.path.exists(options.db + "-accounts"):
        add_user(options.gnomon, options.db, "ann", "admin")
    began = time.monotonic()
    console = Console(options.gnomon, options.db)
    print(f"ready after {time.monotonic() - began:.1f} s")
    try:
        client = Client(console.port)
        client.sign_in("ann")
        first = client.get("/api/v1/apps?sort=clients&size=50")["rows"]
        addresses = [row["client"] for row in client.get("/api/v1/clients?size=50")["rows"]]
        targets = ["/api/v1/overview", "/api/v1/apps", "/api/v1/apps?q=a&sort=bytes", "/api/v1/apps?level=high&sort=clients&page=2",
                   "/api/v1/clients", "/api/v1/clients?q=10.1&sort=apps", "/api/v1/clients?page=400", "/api/v1/assets", "/api/v1/graph",
                   "/api/v1/candidates", "/api/v1/findings", "/api/v1/findings?q=key&sort=count&order=desc", "/api/v1/alerts",
                   "/api/v1/coverage", "/api/v1/runs", "/api/v1/unknown-hosts", "/api/v1/audit", "/api/v1/policies", "/api/v1/exports",
                   "/api/v1/changes"]
        reader = Reader(console.port, client.cookie)
        print("alone, first and second time (ms):")
        for target in targets + [f"/api/v1/apps/{row['id']}" for row in first[:3] + first[-1:]] + [f"/api/v1/clients/{each}" for each in addresses[:2]]:
            status, once, size = reader.get(target)
            _, twice, _ = reader.get(target)
            print(f"  {once:7.1f} {twice:7.1f}  {size // 1024:5d} KiB  {status}  {target}")

        ends = time.monotonic() + options.seconds
        times, failures = [], []
        pages = targets[:14] + [f"/api/v1/apps/{row['id']}" for row in first] + [f"/api/v1/clients/{each}" for each in addresses]

        def read():
            mine = Reader(console.port, client.cookie)
            time.sleep(random.random() * options.pause)
            while time.monotonic() < ends:
                try:
                    status, took, _ = mine.get(random.choice(pages))
                    times.append(took)
                    if status != 200:
                        failures.append(status)
                except Exception as error:  # noqa: BLE001
                    failures.append(repr(error))
                    mine = Reader(console.port, client.cookie)
                time.sleep(options.pause)

        readers = [threading.Thread(target=read) for _ in range(options.readers)]
        for each in readers:
            each.start()
        writes = 0
        while options.write and time.monotonic() < ends:
            done = subprocess.run([options.gnomon, "replay", "--again", "--db", options.db, *options.write], capture_output=True, text=True)
            writes += 1
            if done.returncode not in (0, 3):
                failures.append(f"replay: {done.stderr[-300:]}")
        for each in readers:
            each.join()
        print(f"{options.readers} readers, {len(times)} answers, {writes} captures written meanwhile, {len(failures)} failures {json.dumps(failures[:3])}")
        print(f"  median {statistics.median(times):.1f} ms, p95 {percentile(times, .95):.1f} ms, p99 {percentile(times, .99):.1f} ms, worst {max(times):.1f} ms")
        return 1 if failures else 0
    finally:
        console.stop()


if __name__ == "__main__":
    sys.exit(main())
