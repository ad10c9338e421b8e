#!/usr/bin/env python3
"""live_kill.py GNOMON [TIMES [SECONDS [ROWS]]]: kill -9 in the middle of a capture, again and again.

After each the inventory opens, passes SQLite's integrity check, and holds all but the last SECONDS (2)
of what was sent; the next sensor goes on with it. A machine that is busy with other things may let its
writer wait longer than that. With ROWS the inventory holds so many older sightings and hours of 500
apps, and its sums are taken away before each sensor starts: it is killed while it makes them, rates
and judges. Needs root; skips without (77).
"""

import random
import sqlite3
import sys
import time

from live_net import Cable, Sender, Sensor, Trouble, ask, check, lookups, main, need, run

TIMES = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 4
SECONDS = float(sys.argv.pop(2)) if len(sys.argv) > 2 else 2.0
ROWS = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 0

GROW = """
INSERT INTO capture_run (id, state, first_packet_ns, last_packet_ns)
  VALUES (1000, 'finished', :start, :start + 86400000000000);
INSERT INTO app SELECT 'made-' || value, 'Made ' || value, '', '', 'chat-assistant'
  FROM (WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 499)
        SELECT value FROM n);
CREATE TEMP TABLE made AS
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :rows - 1)
  SELECT i, 'made-' || (i % 500) AS app,
         '10.' || (i / 500 / 250 % 250) || '.' || (i / 500 % 250) || '.9' AS client FROM n;
INSERT INTO sighting (app, run, client, host, role, port, protocol, app_proto, usage, client_kind, grade,
  first_seen_ns, last_seen_ns, flows, sessions, lookups, requests, upload_events, upload_bytes,
  bytes_to_server, bytes_to_client, proof_time_ns, proof_number, proof_flow_id, proof_frame, proof_file,
  proof_host_source, proof_why)
  SELECT app, 1000, client, app || '.example', 'api', 443, 'tcp', 'tls', 'chat',
  'browser', 3, :start, :start + i, 1, 1, 0, 0, 0, 0, 1000, 2000, :start, i, i, i, 'made', 'tls-sni', ''
  FROM made;
INSERT INTO app_hour SELECT app, 1000, client, :start / 3600000000000 + i % 24, 1, 1, 0, 0, 1000, 2000
  FROM made;
"""


def grow(database):
    connection = sqlite3.connect(database)
    start = (int(time.time()) - 3 * 86400) * 10**9
    for sql in GROW.split(";\n"):
        wanted = {name: value for name, value in (("start", start), ("rows", ROWS)) if f":{name}" in sql}
        connection.execute(sql, wanted)
    connection.commit()
    connection.close()


def forget_sums(database):
    connection = sqlite3.connect(database, timeout=30)
    connection.execute("UPDATE totals_state SET fits = 0")
    connection.commit()
    connection.close()


def kill_loop(gnomon, folder):
    need()
    database = folder / "g.db"
    chance = random.Random(7)
    lost = []  # seconds, of each turn
    before = interrupted = 0
    with Cable() as cable:
        sender = Sender(cable)
        if ROWS:
            with Sensor(gnomon, "-i", cable.here, "--db", database, space=cable.sensor,
                        folder=folder) as sensor:
                sensor.started()
                sender.send(4, gap=0.004)
                time.sleep(1)
                check(sensor.stop() == 0, "the first sensor ends")
            before = lookups(database)
            grow(database)
        for turn in range(TIMES):
            if ROWS:
                forget_sums(database)
            with Sensor(gnomon, "-i", cable.here, "--db", database, "--workers",
                        1 + turn % 2, space=cable.sensor, folder=folder) as sensor:
                sensor.started()
                sender.times = []
                end = time.monotonic() + chance.uniform(0.3, 4.0)
                while time.monotonic() < end:
                    sender.send(4, gap=0.004)
                sensor.process.kill()
                killed = time.monotonic()
                sensor.process.wait()
            check(ask(database, "PRAGMA integrity_check") == [("ok",)], f"turn {turn}: integrity")
            if ROWS and ask(database, "SELECT fits FROM totals_state") != [(1,)]:
                interrupted += 1
            held = lookups(database) - before
            check(held <= len(sender.times), f"turn {turn}: {held} of {len(sender.times)} held")
            lost.append(killed - sender.times[held] if held < len(sender.times) else 0.0)
            before += held
        run(str(gnomon), "inventory", "--db", str(database))
    late = [f"{each:.2f}" for each in lost if each > SECONDS]
    print(f"  killed {TIMES} times; {before} answers held; lost at most the last {max(lost):.2f} s, "
          f"{len(late)} times more than {SECONDS:g} s")
    if ROWS:
        print(f"  sums did not fit {interrupted} times; lost: "
              + ", ".join(f"{each:.2f}" for each in sorted(lost)))
    check(not late, f"more than {SECONDS:g} s were lost: {', '.join(late)}")


if __name__ == "__main__":
    try:
        sys.exit(main({"kill_loop": kill_loop}, sys.argv[1]))
    except Trouble as trouble:
        sys.exit(str(trouble))
