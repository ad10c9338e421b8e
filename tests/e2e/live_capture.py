#!/usr/bin/env python3
"""live_capture.py GNOMON [TEST...]: the live sensor on a cable between two network namespaces.

What it sees is what a replay of the same frames sees; it survives interfaces that go, disks that are
full and databases that are locked. Needs root; skips without (77).
"""

import collections
import errno
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import time

from live_net import (Cable, Sender, Sensor, Trouble, ask, check, lookups, main, need, run, skip,
                      status, until)

# Few enough for a build with sanitizers.
PER_SECOND = "2000"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def events_of(path):
    """As a multiset, without what tells of the capture and its clock."""
    kept = collections.Counter()
    with open(path) as file:
        for line in file:
            event = json.loads(line)
            if event["event_type"] in ("stats", "alert"):
                continue
            for key in ("timestamp", "flow_id", "pcap_filename", "pcap_cnt", "in_iface"):
                event.pop(key, None)
            for key in ("start", "end", "age", "reason"):
                event.get("flow", {}).pop(key, None)
            kept[json.dumps(event, sort_keys=True)] += 1
    return kept


APPS = ("SELECT app, client, host, role, port, protocol, app_proto, usage, client_kind, grade, flows,"
        " sessions, lookups, requests, upload_events, upload_bytes, bytes_to_server, bytes_to_client"
        " FROM v_sightings ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9")
TABLES = {
    "sightings": APPS,
    "unknown hosts": "SELECT host, client, flows, sessions, bytes_to_server, bytes_to_client FROM "
                     "host_unknown ORDER BY 1, 2",
    "findings": "SELECT app, client, host, detector, severity, bodies, count, value_hash, sample "
                "FROM finding ORDER BY 1, 2, 3, 4, 5, 6, 7, 8",
    "files": "SELECT app, client, host, file_name, file_type, sha256, times, bytes FROM file "
             "ORDER BY 1, 2, 3, 4, 5, 6",
    "assets": "SELECT address, port, host, product, kind, version FROM asset ORDER BY 1, 2, 3, 4, 5",
    "asset clients": "SELECT address, port, client, observations FROM asset_client ORDER BY 1, 2, 3",
    "calls": "SELECT app, family, operation, model_requested, model_returned, client, host, server, "
             "calls, tokens_in, tokens_out FROM model_call ORDER BY 1, 2, 3, 4, 5, 6, 7, 8",
    "call hours": "SELECT server, client, sum(calls), sum(tokens) FROM call_hour GROUP BY 1, 2 "
                  "ORDER BY 1, 2",
    "artifacts": "SELECT app, kind, repository, file, client, host, times, bytes FROM artifact "
                 "ORDER BY 1, 2, 3, 4, 5, 6",
    "candidates": "SELECT host, observations FROM candidate ORDER BY 1",
    "client names": "SELECT client, source, name, mac FROM client_name ORDER BY 1, 2, 3, 4",
}


def project_captures():
    """Ethernet captures of the project, small and large."""
    found = []
    for folder, _, names in os.walk(os.path.join(ROOT, "pcaps")):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(".pcap"):
                continue
            with open(path, "rb") as file:
                head = file.read(24)
            big = head[:4] in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d")
            link = int.from_bytes(head[20:24], "big" if big else "little") & 0xFFFF
            if link == 1:
                found.append(path)
    return sorted(found)


def frames_in(path):
    with open(path, "rb") as file:
        data = file.read()
    order = "big" if data[:4] in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d") else "little"
    count, at = 0, 24
    while at + 16 <= len(data):
        at += 16 + int.from_bytes(data[at + 8:at + 12], order)
        count += 1
    return count


def play_all(gnomon, folder, captures, workers, live, again):
    """One pass of the captures by the sensor and by tcpdump; says what was lost, if anything."""
    with Cable() as cable:
        sensor = Sensor(gnomon, "-i", cable.here, "--db", f"{live}.db", "--events",
                        f"{live}.json", "--workers", workers, space=cable.sensor, folder=folder)
        with sensor:
            sensor.started()
            with open(f"{again}.err", "w") as err:
                dump = subprocess.Popen(
                    ["ip", "netns", "exec", cable.sensor, "tcpdump", "-i", cable.here, "-B", "65536",
                     "--time-stamp-precision=nano", "-w", f"{again}.pcap"], stderr=err)
            told = pathlib.Path(f"{again}.err")
            until(lambda: "listening on" in told.read_text(), "tcpdump listens")
            time.sleep(0.5)
            for capture in captures:
                # A frame longer than the cable takes is left out of both.
                subprocess.run(["ip", "netns", "exec", cable.sender, "tcpreplay", "-q", "-p",
                                PER_SECOND, "-i", cable.there, capture], capture_output=True)
            time.sleep(1)
            dump.send_signal(signal.SIGINT)
            dump.wait()
            code = sensor.stop(seconds=60)
            check(code == 0, f"exit code {code}: " + "\n".join(sensor.lines))
            # What the kernel itself has no use for (MPLS, tags of providers) counts as dropped by the
            # interface, though it came: so what came is counted.
            came = f"(kernel 0, interface [0-9,]+, backlog of the machine 0, sensor 0); the kernel " \
                   f"handed over {sum(map(frames_in, captures)):,}."
            came = came.replace("(", r"\(").replace(")", r"\)")
            summary = sensor.summary()
            if "Nothing was lost." not in summary and not re.search(came, summary):
                return summary
            if "\n0 packets dropped by kernel" not in told.read_text():
                return "by tcpdump: " + told.read_text()
    return ""


def live_is_replay(gnomon, folder):
    need("tcpreplay", "tcpdump")
    if b"__asan_init" in gnomon.read_bytes():
        skip("a build with sanitizers is too slow for a comparison frame by frame")
    captures = project_captures()
    for workers in (1, 4):
        # What a busy machine loses is not the sensor's fault, unless it does so every time.
        for attempt in range(3):
            live, again = (folder / f"{name}{workers}-{attempt}" for name in ("live", "again"))
            lost = play_all(gnomon, folder, captures, workers, live, again)
            if not lost:
                break
            print(f"  {workers} workers, attempt {attempt + 1}: lost some: {lost}")
        check(not lost, "frames were lost in each of three attempts")
        run(str(gnomon), "replay", "--db", f"{again}.db", "--events", f"{again}.json",
            f"{again}.pcap")
        frames = []
        for name in (live, again):
            with open(f"{name}.json") as file:
                final = [json.loads(line) for line in file if '"stats"' in line][-1]
            frames.append(final["stats"]["decode"]["frames"])
        check(frames[0] == frames[1] and frames[0] > 1000, f"frames differ: {frames}")
        for what, sql in TABLES.items():
            one, two = ask(f"{live}.db", sql), ask(f"{again}.db", sql)
            check(one == two, f"{workers} workers: {what} differ:\nlive   "
                  f"{[row for row in one if row not in two][:3]}\nreplay "
                  f"{[row for row in two if row not in one][:3]}")
        one, two = events_of(f"{live}.json"), events_of(f"{again}.json")
        check(one == two, f"{workers} workers: events differ:\nlive   {list((one - two))[:2]}\n"
              f"replay {list((two - one))[:2]}")
        print(f"  {workers} workers: {frames[0]} frames of {len(captures)} captures, "
              f"{sum(one.values())} events, the same")


def database_locked(gnomon, folder):
    need()
    database, state = folder / "g.db", folder / "status.json"
    with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", database, "--write-status",
                                  state, space=cable.sensor, folder=folder) as sensor:
        sensor.started()
        sender = Sender(cable)
        sender.send(50)
        until(lambda: lookups(database) == 50, "the first answers in the inventory")
        holder = sqlite3.connect(database, timeout=5, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        sender.send(50)
        until(lambda: status(state)["inventory"]["failing"], "the status says that writing fails")
        check("another program holds it" in status(state)["inventory"]["error"], str(status(state)))
        sender.send(50)
        check(lookups(database) == 50, "written in spite of the lock")
        holder.execute("ROLLBACK")
        holder.close()
        until(lambda: lookups(database) == 150, "everything was written once the lock was gone")
        until(lambda: not status(state)["inventory"]["failing"], "the status says that all is well")
        check(sensor.said("can be written again"), "nobody was told")
        check(sensor.stop() == 0, "exit code")


def fill(disk):
    """To the last byte; what else is open there may have taken it already."""
    try:
        with open(disk / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
    except OSError as error:
        check(error.errno == errno.ENOSPC, str(error))


def disk_full(gnomon, folder):
    need()
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "none", disk]).returncode != 0:
        print("skipped: no file system can be mounted here")
        sys.exit(77)
    try:
        database, state, events = disk / "g.db", folder / "status.json", disk / "events.json"
        with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", database, "--write-status",
                                      state, "--events", events, space=cable.sensor,
                                      folder=folder) as sensor:
            sensor.started()
            sender = Sender(cable)
            sender.send(20)
            until(lambda: lookups(database) == 20, "the first answers in the inventory")
            fill(disk)
            for _ in range(40):
                sender.send(100)
                time.sleep(0.05)
                if status(state).get("inventory", {}).get("failing"):
                    break
            until(lambda: status(state)["inventory"]["failing"], "the status says that writing fails")
            check("full" in status(state)["inventory"]["error"], str(status(state)))
            sender.send(100)
            (disk / "filler").unlink()
            until(lambda: lookups(database) == sender.number,
                  f"all {sender.number} answers in the inventory", 60)
            until(lambda: not status(state)["inventory"]["failing"], "the status says all is well")
            check(ask(database, "PRAGMA integrity_check") == [("ok",)], "integrity")
            sender.send(10)
            time.sleep(2.5)
            tail = events.read_text().splitlines()[-5:]
            for line in tail:
                json.loads(line)
            check(sensor.stop() == 0, "exit code")
        # And full at the start: nothing half begun.
        fill(disk)
        with Cable() as cable:
            late = subprocess.run(["ip", "netns", "exec", cable.sensor, gnomon, "capture", "-i",
                                   cable.here, "--db", disk / "other.db"], text=True,
                                  capture_output=True, timeout=60)
        check(late.returncode == 1 and "full" in late.stderr, f"{late.returncode}: {late.stderr}")
    finally:
        subprocess.run(["umount", "-l", disk])


def interface_comes_back(gnomon, folder):
    need()
    database, state = folder / "g.db", folder / "status.json"
    with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", database, "--workers", "2",
                                  "--write-status", state, space=cable.sensor,
                                  folder=folder) as sensor:
        sensor.started()
        sender = Sender(cable)
        sender.send(30)
        until(lambda: lookups(database) == 30, "answers before")
        cable.set("down")
        sensor.wait_for("is down; waiting for it (ip link set mirror0 up)")
        until(lambda: not status(state)["inputs"][0]["up"], "the status says that it is down")
        cable.set("up")
        sensor.wait_for("is there again")
        time.sleep(0.5)
        sender.send(30)
        until(lambda: lookups(database) == 60, "answers after it was down")
        cable.unmake()
        sensor.wait_for("is gone; waiting for it")
        cable.make()
        until(lambda: status(state)["inputs"][0]["reopened"] == 1, "it was opened again")
        sender.open()
        time.sleep(0.5)
        sender.send(30)
        until(lambda: lookups(database) == 90, "answers after it was gone")
        check(sensor.stop(signal.SIGINT) == 0, "exit code")


def messages(gnomon, folder):
    need()

    def says(code, text, *options, space=None, user=None):
        words = ["ip", "netns", "exec", space] if space else []
        if user:
            words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
                      "--inh-caps=-all"]
        got = subprocess.run([*words, gnomon, "capture", *map(str, options)], text=True,
                             capture_output=True, cwd=folder, timeout=60)
        check(got.returncode == code and text in got.stderr,
              f"{options}: exit code {got.returncode}, said: {got.stderr}")

    with Cable() as cable:
        inside = {"space": cable.sensor}
        says(1, "nothing to capture from: name an interface", **inside)
        says(2, "eth7: no such interface; there are: mirror0, lo", "-i", "eth7", **inside)
        says(1, "is there twice", "-i", "lo", "-i", "lo", **inside)
        says(1, "each want a sensor of their own", "-i", "lo", "-r", folder, **inside)
        says(1, "--filter: filter 'prot 80'", "-i", cable.here, "--filter", "prot 80", **inside)
        says(1, "--cpus takes processors", "-i", cable.here, "--cpus", "0-", **inside)
        says(1, "--workers: must be 0 to 16", "-i", cable.here, "--workers", "17", **inside)
        says(2, "no-such-folder", "-r", folder / "no-such-folder")
        says(1, "must be an address and a port", "--pcap-over-ip", "host")
        with Sensor(gnomon, "-i", cable.here, "--db", "held.db", space=cable.sensor,
                    folder=folder) as first:
            first.started()
            says(1, "another gnomon is recording into this inventory", "-i", cable.here, "--db",
                 "held.db", **inside)
        os.chmod(folder, 0o777)
        says(2, "CAP_NET_RAW", "-i", cable.here, "--db", folder / "nobody.db", user=65534, **inside)
        # Without carrier it waits.
        cable.set("down")
        with Sensor(gnomon, "-i", cable.here, "--db", "down.db", space=cable.sensor,
                    folder=folder) as waiting:
            waiting.started()
            waiting.wait_for("is down; waiting for it")
            cable.set("up")
            waiting.wait_for("is there again")
            sender = Sender(cable)
            time.sleep(1.5)
            sender.send(5)
            until(lambda: lookups(folder / "down.db") == 5, "answers once it was up")
            check(waiting.stop() == 0, "exit code")


def clock_goes_on(gnomon, folder):
    """A flow ends by its timeout though no further packet comes."""
    need()
    events = folder / "events.json"
    with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", folder / "g.db", "--events",
                                  events, space=cable.sensor, folder=folder) as sensor:
        sensor.started()
        sender = Sender(cable)
        # A connection that is reset is over ten seconds later.
        frame = bytes.fromhex("020000000001020000000002080045000028000100004006") + b"\0\0" \
            + bytes([10, 9, 9, 9, 10, 9, 9, 8]) + bytes.fromhex("9c4001bb") + bytes(8) \
            + bytes.fromhex("50040000") + bytes(4)
        sender.socket.send(frame)
        until(lambda: events.exists() and '"flow"' in events.read_text(), "its end is told", 25)
        check('"finished"' in events.read_text(), events.read_text())
        check(sensor.stop() == 0, "exit code")


TESTS = {each.__name__: each for each in (live_is_replay, database_locked, disk_full,
                                          interface_comes_back, messages, clock_goes_on)}

if __name__ == "__main__":
    try:
        sys.exit(main(TESTS, sys.argv[1]))
    except Trouble as trouble:
        sys.exit(str(trouble))
