#!/usr/bin/env python3
"""live_kill.py GNOMON [TIMES [SECONDS]]: kill -9 in the middle of a capture, again and again.

After each the inventory opens, passes SQLite's integrity check, and holds all but the last SECONDS (2)
of what was sent; the next sensor goes on with it. A machine that is busy with other things may let its
writer wait longer than that. Needs root; skips without (77).
"""

import random
import sys
import time

from live_net import Cable, Sender, Sensor, Trouble, ask, check, lookups, main, need, run

TIMES = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 4
SECONDS = float(sys.argv.pop(2)) if len(sys.argv) > 2 else 2.0


def kill_loop(gnomon, folder):
    need()
    database = folder / "g.db"
    chance = random.Random(7)
    lost = []  # seconds, of each turn
    before = 0
    with Cable() as cable:
        sender = Sender(cable)
        for turn in range(TIMES):
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
            held = lookups(database) - before
            check(held <= len(sender.times), f"turn {turn}: {held} of {len(sender.times)} held")
            lost.append(killed - sender.times[held] if held < len(sender.times) else 0.0)
            before += held
        run(str(gnomon), "inventory", "--db", str(database))
    late = [f"{each:.2f}" for each in lost if each > SECONDS]
    print(f"  killed {TIMES} times; {before} answers held; lost at most the last {max(lost):.2f} s, "
          f"{len(late)} times more than {SECONDS:g} s")
    check(not late, f"more than {SECONDS:g} s were lost: {', '.join(late)}")


if __name__ == "__main__":
    try:
        sys.exit(main({"kill_loop": kill_loop}, sys.argv[1]))
    except Trouble as trouble:
        sys.exit(str(trouble))
