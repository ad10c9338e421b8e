#!/usr/bin/env python3
"""How fast the console answers: each page alone, then a hundred readers at once, optionally while captures
are recorded.

    tests/bench/console/measure.py --gnomon build/release/gnomon --db big.db [--write CAPTURE... | --live]

Prints milliseconds as the client sees them. With --write, the captures are replayed into the inventory
again and again (--again) while the readers read. With --live, `gnomon capture` writes what comes over TCP
(lookups of AI hosts, by --rate a second) and a reviewer decides on an app each second: at the end every
lookup and every decision must be there. Every failure of anybody is counted. Both change the inventory."""
import argparse
import http.client
import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "e2e"))
from console import Console, Client, add_user  # noqa: E402
from live_net import Sensor, ask, dns_exchange, lookups, pcap_of  # noqa: E402

HOSTS = ("api.openai.com", "chatgpt.com", "claude.ai", "api.anthropic.com", "gemini.google.com", "copilot.microsoft.com", "api.mistral.ai", "huggingface.co")


class Capture:
    """A sensor that writes into the inventory, and who feeds it."""

    def __init__(self, options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.options, self.sent, self.ends = options, 0, False
        self.before = lookups(options.db)
        self.sensor = Sensor(os.path.abspath(options.gnomon), "--pcap-over-ip-listen", f"127.0.0.1:{port}", "--db", os.path.abspath(options.db),
                             folder=pathlib.Path(options.db).resolve().parent).started()
        self.line = socket.create_connection(("127.0.0.1", port))
        self.line.sendall(pcap_of([]))
        self.thread = threading.Thread(target=self.feed)
        self.thread.start()

    def feed(self):
        # As if the sensor had never stopped: sums are believed for two hours of packets.
        start = ask(self.options.db, "SELECT max(last_packet_ns) FROM capture_run WHERE state = 'finished'")[0][0] // 10**9
        while not self.ends:
            frames = []
            for _ in range(max(1, self.options.rate // 10)):
                self.sent += 1
                frames += dns_exchange(self.sent, HOSTS[self.sent % len(HOSTS)])
            self.line.sendall(pcap_of(frames, start + self.sent // self.options.rate)[24:])
            time.sleep(0.1)

    def stop(self):
        """What was wrong with it."""
        self.ends = True
        self.thread.join()
        self.line.close()
        deadline = time.monotonic() + 120
        while lookups(self.options.db) < self.before + self.sent and time.monotonic() < deadline:
            time.sleep(0.5)
        wrong = [] if self.sensor.stop(seconds=240) == 0 else ["the sensor did not end well"]
        if (kept := lookups(self.options.db) - self.before) != self.sent:
            wrong.append(f"{kept} of {self.sent} lookups are in the inventory")
        return wrong + [line for line in self.sensor.lines if "locked" in line or "cannot" in line]


class Reviewer:
    """Decides on one app after the other until told to end."""

    def __init__(self, client, apps):
        self.client, self.apps, self.made, self.failed, self.times, self.ends = client, apps, {}, [], [], False
        self.thread = threading.Thread(target=self.decide)
        self.thread.start()

    def decide(self):
        versions = {}
        while not self.ends:
            app = random.choice(self.apps)
            owner = f"Owner {len(self.times)}"
            began = time.monotonic()
            status, _, content = self.client.ask("PUT", f"/api/v1/apps/{app}/decision", {"version": versions.get(app, "0"), "status": "tolerated", "owner": owner})
            answer = json.loads(content)
            self.times.append((time.monotonic() - began) * 1000)
            if status == 200:
                versions[app], self.made[app] = answer["decision"]["version"], owner
            elif status == 409:  # decided on before this run
                versions[app] = self.client.get(f"/api/v1/apps/{app}")["decision"]["version"]
            else:
                self.failed.append(f"decision: {status} {answer}")
            time.sleep(1)

    def stop(self, database):
        self.ends = True
        self.thread.join()
        kept = dict(ask(database, "SELECT app, owner FROM decision WHERE usage = '' AND client_group = ''"))
        return self.failed + [f"the decision on {app} is lost" for app, owner in self.made.items() if kept.get(app) != owner]


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
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--rate", type=int, default=200, help="lookups a second that the live sensor is given")
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

        capture = Capture(options) if options.live else None
        reviewer = Reviewer(client, [row["id"] for row in first[:20]]) if options.live else None
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
        if reviewer:
            failures += reviewer.stop(options.db)
            print(f"{len(reviewer.times)} decisions, {len(reviewer.made)} apps: median {statistics.median(reviewer.times):.0f} ms, worst {max(reviewer.times):.0f} ms")
        if capture:
            failures += capture.stop()
            print(f"{capture.sent} lookups captured meanwhile")
        print(f"{options.readers} readers, {len(times)} answers, {writes} captures written meanwhile, {len(failures)} failures {json.dumps(failures[:3])}")
        print(f"  median {statistics.median(times):.1f} ms, p95 {percentile(times, .95):.1f} ms, p99 {percentile(times, .99):.1f} ms, worst {max(times):.1f} ms")
        return 1 if failures else 0
    finally:
        console.stop()


if __name__ == "__main__":
    sys.exit(main())
