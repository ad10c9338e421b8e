#!/usr/bin/env python3
"""live_syslog.py GNOMON [TEST...]: the live sensor sends events to a collector that is not there, is there
after a restart, and is not trusted; by options and by a configuration."""

import json
import socket
import subprocess
import sys

from live_net import Sensor, Trouble, check, dns_exchange, main, pcap_of, until
from syslog import Collector, HEAD, free_port


def send_capture(port, first, count):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        peer.sendall(pcap_of([frame for number in range(first, first + count) for frame in dns_exchange(number)], 1700000000 + first))


def waiting(status):
    try:
        return json.loads(status.read_text())["collector"]
    except (OSError, KeyError, json.JSONDecodeError):
        return {"waiting": -1, "sent": -1, "dropped": -1}


def collector_is_away(gnomon, folder):
    """What a collector that is away has not got waits over a restart, and comes once and in order."""
    database, spool, status, port, inlet = folder / "g.db", folder / "spool", folder / "status.json", free_port(), free_port()
    common = ("--pcap-over-ip-listen", f"127.0.0.1:{inlet}", "--db", database, "--write-status", status,
              "--syslog", f"tcp://127.0.0.1:{port}", "--syslog-spool", spool, "--syslog-events", "dns", "--events", folder / "events.json")
    with Sensor(gnomon, *common, folder=folder) as sensor:
        sensor.started()
        send_capture(inlet, 1, 30)
        sensor.wait_for("events wait in")
        until(lambda: waiting(status)["waiting"] == 30, "events that wait")
        check(sensor.stop() == 0, "a collector that is away is no failure")
        check(sensor.said("30 wait in"), "the end says what waits: " + "\n".join(sensor.lines[-5:]))
    first = (folder / "events.json").read_text().splitlines()
    check(sum(json.loads(line)["event_type"] == "dns" for line in first) == 30, "the file has the events too")

    # The same as the service has it: from a configuration, with the spool that is there.
    config = folder / "gnomon.yaml"
    config.write_text(f"inventory: {{database: {database}}}\ncapture: {{pcap_over_ip_listen: ['127.0.0.1:{inlet}']}}\n"
                      f"events: {{syslog: 'tcp://127.0.0.1:{port}', syslog_spool: {spool}, syslog_events: dns, syslog_spool_max: 8 MiB}}\n"
                      "service: {status_socket: '', metrics: '', user: ''}\n")
    collector = Collector(port, close_first=True)  # up, and away once more
    with Sensor(gnomon, "--config", config, "--write-status", status, folder=folder) as sensor:
        sensor.started()
        until(lambda: len(collector.messages()) >= 30, "what waited over the restart")
        send_capture(inlet, 31, 10)
        until(lambda: len(collector.messages()) >= 40, "what came afterwards")
        until(lambda: waiting(status)["waiting"] == 0, "nothing waits")
        check(waiting(status)["dropped"] == 0, "nothing was dropped")
        check(sensor.stop() == 0, "exit code 0")
    messages = collector.messages()
    for each in messages:
        check(HEAD.match(each) is not None, f"head of {each[:100]}")
    check(len(messages) == 40 and len(set(messages)) == 40, f"each event once: {len(messages)}, {len(set(messages))} different")
    collector.stop()


def what_is_wrong_is_said_first(gnomon, folder):
    for words, said in ((("--syslog", "http://a"), "scheme"), (("--syslog", "tcp://a:0"), "port"), (("--syslog", "tcp://"), "host"),
                        (("--syslog", "tcp://a", "--syslog-format", "leef"), "leef"), (("--events", "x", "--events-format", "xml"), "xml")):
        done = subprocess.run([gnomon, "capture", "--pcap-over-ip-listen", "127.0.0.1:1", "--db", folder / "none.db", *words], text=True,
                              capture_output=True, timeout=60)
        check(done.returncode == 1 and said in done.stderr, f"{words}: {done.returncode} {done.stderr}")
    check(not (folder / "none.db").exists(), "nothing was begun")
    config = folder / "bad.yaml"
    config.write_text("events:\n  syslog: 'tls://'\n")
    done = subprocess.run([gnomon, "config", "check", "--config", config], text=True, capture_output=True)
    check(done.returncode == 1 and "bad.yaml:2" in done.stderr, done.stderr)


def one_sensor_has_a_spool(gnomon, folder):
    words = ("--syslog", f"udp://127.0.0.1:{free_port()}", "--syslog-spool", folder / "spool")
    with Sensor(gnomon, "--pcap-over-ip-listen", f"127.0.0.1:{free_port()}", "--db", folder / "g.db", *words, folder=folder) as sensor:
        sensor.started()
        done = subprocess.run([gnomon, "capture", "--pcap-over-ip-listen", f"127.0.0.1:{free_port()}", "--db", folder / "h.db", *words],
                              text=True, capture_output=True, timeout=60)
        check(done.returncode == 1 and "another process" in done.stderr, done.stderr)
        check(sensor.stop() == 0, "exit code 0")


TESTS = {each.__name__: each for each in (collector_is_away, what_is_wrong_is_said_first, one_sensor_has_a_spool)}

if __name__ == "__main__":
    try:
        sys.exit(main(TESTS, sys.argv[1]))
    except Trouble as trouble:
        sys.exit(str(trouble))
