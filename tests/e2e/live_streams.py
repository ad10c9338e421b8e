#!/usr/bin/env python3
"""live_streams.py GNOMON [TEST...]: captures that come over TCP, and into a folder."""

import os
import socket
import subprocess
import sys
import threading
import time

from live_net import (Sensor, Trouble, ask, check, dns_exchange, lookups, main, pcap_of, steady,
                      until)


def capture(first, count, start=1700000000):
    frames = [frame for number in range(first, first + count) for frame in dns_exchange(number)]
    return pcap_of(frames, start)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def client_connects_again(gnomon, folder):
    database = folder / "g.db"
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    port = server.getsockname()[1]
    with Sensor(gnomon, "--pcap-over-ip", f"127.0.0.1:{port}", "--db", database,
                folder=folder) as sensor:
        sensor.started()
        peer, _ = server.accept()
        data = capture(1, 40)
        for at in range(0, len(data), 100):  # a bit at a time, records cut anywhere
            peer.sendall(data[at:at + 100])
        until(lambda: lookups(database) == 40, "what came, though the stream goes on")
        peer.close()
        sensor.wait_for("ended after 80 frames")
        peer, _ = server.accept()
        damaged = capture(41, 20) + b"\xff" * 64
        peer.sendall(damaged)
        sensor.wait_for("which cannot be")
        until(lambda: lookups(database) == 60, "what came before the damage")
        peer.close()
        peer, _ = server.accept()
        peer.sendall(capture(61, 5))
        until(lambda: lookups(database) == 65, "what came after the damage")
        check(sensor.stop() == 3, "exit code 3: some input was damaged")
        peer.close()
    server.close()


def listening(gnomon, folder, database, *more):
    """A sensor that listens; others may take a port that was free a moment ago."""
    for _ in range(5):
        port = free_port()
        sensor = Sensor(gnomon, "--pcap-over-ip-listen", f"127.0.0.1:{port}", "--db", database,
                        "--workers", "2", *more, folder=folder)
        try:
            return sensor.started(), port
        except Trouble:
            if not sensor.said("the port is in use"):
                raise
    raise Trouble("no port is free")


def server_takes_several(gnomon, folder):
    database = folder / "g.db"
    sensor, port = listening(gnomon, folder, database)
    with sensor:
        busy = subprocess.run([gnomon, "capture", "--pcap-over-ip-listen", f"127.0.0.1:{port}",
                               "--db", folder / "other.db"], text=True, capture_output=True)
        check(busy.returncode == 2 and "the port is in use" in busy.stderr, busy.stderr)

        def send(first):
            with socket.create_connection(("127.0.0.1", port)) as peer:
                data = capture(first, 100)
                for at in range(0, len(data), 4000):
                    peer.sendall(data[at:at + 4000])
                    time.sleep(0.01)

        threads = [threading.Thread(target=send, args=(1 + 1000 * i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: lookups(database) == 400, "what all four sent")
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: sensor.example\r\n\r\n")
        sensor.wait_for("not a capture")
        check(sensor.stop() == 3, "exit code 3: some input was damaged")


def folder_is_followed(gnomon, folder):
    database, inbox = folder / "g.db", folder / "inbox"
    inbox.mkdir()
    (inbox / "a.pcap").write_bytes(capture(1, 30, 1700000000))
    (inbox / ".hidden").write_bytes(capture(900, 30))
    (inbox / "notes.txt").write_text("no capture")
    options = ("-r", inbox, "--db", database)
    with Sensor(gnomon, *options, folder=folder) as sensor:
        sensor.started()
        until(lambda: lookups(database) == 30, "the file that was there")
        data = capture(31, 30, 1700000060)
        with open(inbox / "b.pcap", "wb") as file:
            file.write(data[:1000])
            file.flush()
            steady(lambda: lookups(database) == 30, "a file was read while it was being written", 3)
            file.write(data[1000:])
        until(lambda: lookups(database) == 60, "the file, once it was finished")
        # An older one, though not so old that its lookups are removed at once, and one that is
        # damaged: of its last lookup there is the question alone.
        (inbox / "c.pcap").write_bytes(capture(61, 10, 1699000000))
        (inbox / "d.pcap").write_bytes(capture(71, 10, 1700000120)[:-7])
        until(lambda: lookups(database) >= 79, "two more files")
        sensor.wait_for("d.pcap: offset")
        until(lambda: ask(database, "SELECT count(*) FROM run_input WHERE sha256 != ''")[0][0] == 5,
              "files that are known from now on")
        check(sensor.stop() == 3, "exit code 3: some input was damaged")
    check(lookups(database) == 80, f"{lookups(database)} of 80 lookups of four files")
    with Sensor(gnomon, *options, folder=folder) as sensor:
        sensor.started()
        os.rename(inbox / "a.pcap", inbox / "renamed.pcap")
        (inbox / "e.pcap").write_bytes(capture(101, 10, 1700000180))
        until(lambda: lookups(database) >= 90, "the new file")
        steady(lambda: lookups(database) == 90, "files were counted again", 2)
        check(sensor.stop() == 0, "exit code")
    replayed = subprocess.run([gnomon, "replay", "--db", database, inbox / "b.pcap"], text=True,
                              capture_output=True)
    check("in the inventory already" in replayed.stdout, replayed.stdout)


TESTS = {each.__name__: each for each in (client_connects_again, server_takes_several,
                                          folder_is_followed)}

if __name__ == "__main__":
    try:
        sys.exit(main(TESTS, sys.argv[1]))
    except Trouble as trouble:
        sys.exit(str(trouble))
