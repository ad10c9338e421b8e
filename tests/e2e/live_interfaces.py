"""Cases of live_capture.py: interfaces that go, come back, change their names, or bring nothing."""

import signal
import time

from live_net import Cable, Sender, Sensor, ask, check, lookups, need, run, status, until


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
        sender.send(30)
        until(lambda: lookups(database) == 60, "answers after it was down")
        cable.unmake()
        sensor.wait_for("is gone; waiting for it")
        cable.make()
        until(lambda: status(state)["inputs"][0]["reopened"] == 1, "it was opened again")
        sender.open()
        sender.send(30)
        until(lambda: lookups(database) == 90, "answers after it was gone")
        check(sensor.stop(signal.SIGINT) == 0, "exit code")


def interface_is_renamed(gnomon, folder):
    """What counts is the name: the one that has it now is listened to, not the one that had it."""
    need()
    database, state = folder / "g.db", folder / "status.json"
    with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", database, "--write-status", state,
                                  space=cable.sensor, folder=folder) as sensor:
        sensor.started()
        sender = Sender(cable)
        sender.send(10)
        until(lambda: lookups(database) == 10, "answers before")
        inside = ("ip", "-n", cable.sensor, "link", "set")
        run(*inside, cable.here, "down")
        run(*inside, cable.here, "name", "elsewhere", "up")
        sensor.wait_for("is gone; waiting for it")
        until(lambda: not status(state)["inputs"][0]["up"], "the status says that it is up no more")
        run("ip", "-n", cable.sender, "link", "set", cable.there, "down")
        run("ip", "-n", cable.sender, "link", "set", cable.there, "name", "other0")
        cable.make()
        until(lambda: status(state)["inputs"][0]["reopened"] == 1, "it was opened again")
        sender.open()
        sender.send(20)
        until(lambda: lookups(database) == 30, "answers of the one that has the name")
        check(sensor.stop(signal.SIGINT) == 0, "exit code")


def interface_cannot_be_opened(gnomon, folder):
    """Another kind of interface has the name now, which the filter does not fit: the reason is told."""
    need()
    database, state = folder / "g.db", folder / "status.json"
    with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", database, "--write-status", state,
                                  "--filter", "not ether host 02:00:00:00:00:99", space=cable.sensor,
                                  folder=folder) as sensor:
        sensor.started()
        cable.unmake()
        sensor.wait_for("is gone; waiting for it")
        run("ip", "-n", cable.sensor, "tuntap", "add", "dev", cable.here, "mode", "tun")
        run("ip", "-n", cable.sensor, "link", "set", cable.here, "up")
        sensor.wait_for("cannot be opened: ")
        until(lambda: status(state)["inputs"][0]["state"].startswith("cannot be opened: "), "the reason")
        run("ip", "-n", cable.sensor, "link", "del", cable.here)
        cable.make()
        until(lambda: status(state)["inputs"][0]["up"], "it was opened again")
        check(sensor.stop(signal.SIGINT) == 0, "exit code")


def silence_leaves_its_trace(gnomon, folder):
    """Where no packet ever comes the inventory says so, and reloads are done."""
    need()
    database, events = folder / "g.db", folder / "events.json"
    with Cable() as cable, Sensor(gnomon, "-i", cable.here, "--db", database, "--events", events,
                                  "--set", "alerts.stall_max=2s", "--set", "events.stats_interval=1s",
                                  space=cable.sensor, folder=folder) as sensor:
        sensor.started()
        until(lambda: ask(database, "SELECT count(*) FROM v_alerts WHERE kind = 'sensor-stall'") == [(1,)],
              "the alert is in the inventory")
        until(lambda: '"stats"' in events.read_text(), "events tell of the time that passes")
        year = time.gmtime().tm_year
        check(ask(database, "SELECT count(*), min(first_packet) >= ? FROM v_runs".replace(
            "?", f"'{year}-01-01'")) == [(1, 1)], f"{ask(database, 'SELECT * FROM v_runs')}")
        for turn in range(1, 8):
            sensor.process.send_signal(signal.SIGHUP)
            until(lambda: sum("reload" in line for line in list(sensor.lines)) >= turn, "a reload")
            check(not sensor.said("reload refused"), "\n".join(sensor.lines[-3:]))
            time.sleep(2)
        # A minute without a packet.
        until(lambda: '"no-traffic"' in events.read_text(), "the health check")
        check(sensor.stop(signal.SIGINT) == 0, "exit code")
