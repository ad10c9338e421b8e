"""Two network namespaces joined by a cable, and the live sensor in one of them, for the tests of
`gnomon capture`. What needs root and is not there makes a test skip (77)."""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

SKIP = 77
CLONE_NEWNET = 0x40000000


class Trouble(Exception):
    pass


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def need(*programs):
    if os.geteuid() != 0:
        skip("this needs root, to make network namespaces")
    for program in ("ip", *programs):
        if shutil.which(program) is None:
            skip(f"{program} is not installed")


def run(*words, **more):
    return subprocess.run(words, check=True, text=True, capture_output=True, **more)


class Cable:
    """Interface `here`, in the namespace `sensor`; `there`, in the namespace `sender`."""

    def __init__(self, mtu=65535):
        self.mtu = mtu
        mark = f"{os.getpid() % 100000}"
        self.sensor, self.sender = f"gns{mark}", f"gnd{mark}"
        self.here, self.there = "mirror0", "sender0"

    def __enter__(self):
        probe = subprocess.run(["ip", "netns", "add", self.sensor], capture_output=True, text=True)
        if probe.returncode != 0:
            skip(f"no network namespaces here: {probe.stderr.strip()}")
        run("ip", "netns", "add", self.sender)
        self.make()
        return self

    def make(self):
        run("ip", "link", "add", self.here, "netns", self.sensor, "type", "veth", "peer", "name",
            self.there, "netns", self.sender)
        for space, name in ((self.sensor, self.here), (self.sender, self.there)):
            inside = ["ip", "netns", "exec", space]
            # Neighbour discovery would be traffic that nobody sent.
            run(*inside, "sysctl", "-q", "-w", f"net.ipv6.conf.{name}.disable_ipv6=1")
            run("ip", "-n", space, "link", "set", name, "mtu", str(self.mtu), "up",
                "arp", "off")
            if shutil.which("ethtool"):
                subprocess.run([*inside, "ethtool", "-K", name, "gro", "off", "gso", "off", "tso",
                                "off", "rxvlan", "off", "txvlan", "off"], capture_output=True)
        self.carries()

    def carries(self):
        """Waits until frames get through: an interface that was switched on has a queue for them only
        once the kernel has looked at its carrier, which takes a second, and more when it is busy."""
        for space, name in ((self.sensor, self.here), (self.sender, self.there)):
            def up(space=space, name=name):
                shown = run("ip", "-n", space, "-j", "link", "show", name).stdout
                return json.loads(shown)[0]["operstate"] == "UP"
            until(up, f"{name} carries")

    def came(self):
        """Frames that reached the sensor's interface."""
        shown = run("ip", "-n", self.sensor, "-s", "-j", "link", "show", self.here).stdout
        return json.loads(shown)[0]["stats64"]["rx"]["packets"]

    def unmake(self):
        run("ip", "-n", self.sensor, "link", "del", self.here)

    def set(self, state):
        run("ip", "-n", self.sensor, "link", "set", self.here, state)
        if state == "up":
            self.carries()

    def __exit__(self, *_):
        for space in (self.sensor, self.sender):
            subprocess.run(["ip", "netns", "del", space], capture_output=True)

    def play(self, *captures, speed="--topspeed", more=()):
        run("ip", "netns", "exec", self.sender, "tcpreplay", "-q", speed, *more, "-i", self.there,
            *map(str, captures))


class Sensor:
    """A `gnomon capture` that runs; its standard error is kept as lines."""

    def __init__(self, gnomon, *options, space=None, folder):
        words = ["ip", "netns", "exec", space] if space else []
        words += [str(gnomon), "capture", *map(str, options)]
        self.out = open(folder / "sensor.out", "w+")
        self.process = subprocess.Popen(words, stdout=self.out, stderr=subprocess.PIPE, text=True,
                                        cwd=folder)
        self.lines = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip())

    def said(self, text):
        return any(text in line for line in list(self.lines))

    def wait_for(self, text, seconds=90):
        end = time.monotonic() + seconds
        while not self.said(text):
            if self.process.poll() is not None and not self.said(text):
                self.thread.join(2)
                if self.said(text):
                    return
                raise Trouble(f"ended ({self.process.returncode}) before saying '{text}': "
                              + "\n".join(self.lines[-10:]))
            if time.monotonic() > end:
                raise Trouble(f"did not say '{text}': " + "\n".join(self.lines[-10:]))
            time.sleep(0.02)

    def started(self):
        self.wait_for("capturing from")
        return self

    def stop(self, number=signal.SIGTERM, seconds=90):
        self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Trouble(f"did not end within {seconds} s: " + "\n".join(self.lines[-10:])) from None
        self.thread.join(5)
        return code

    def summary(self):
        self.out.flush()
        return pathlib.Path(self.out.name).read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.thread.join(5)
        self.out.close()


@contextlib.contextmanager
def scratch():
    with tempfile.TemporaryDirectory(prefix="gnomon-live-") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


def until(claim, what, seconds=90):
    """Long, for a busy machine; what is not there to be asked yet (a file, a key) is not yet so."""
    end = time.monotonic() + seconds
    while True:
        why = ""
        try:
            if claim():
                return
        except (LookupError, FileNotFoundError, json.JSONDecodeError) as missing:
            why = f" ({type(missing).__name__} {missing})"
        if time.monotonic() > end:
            raise Trouble(f"not within {seconds} s: {what}{why}")
        time.sleep(0.1)


def comes(claim, seconds):
    """Whether it does, where it may be tried again."""
    end = time.monotonic() + seconds
    while not claim() and time.monotonic() < end:
        time.sleep(0.1)
    return claim()


def steady(claim, what, seconds):
    """That something does not happen, as far as waiting can tell."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check(claim(), what)
        time.sleep(0.1)


def check(claim, what):
    if not claim:
        raise Trouble(what)


def ask(database, sql):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def lookups(database):
    """How many DNS answers the inventory tells of."""
    if not pathlib.Path(database).exists():
        return 0
    try:
        return ask(database, "SELECT coalesce(sum(lookups), 0) FROM v_sightings")[0][0]
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return 0
        raise


# DNS questions and answers about an app's host, made by hand: each is one observation, at once.

def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(source, destination, sport, dport, payload):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), sport, 0, 64, 17, 0,
                     socket.inet_aton(source), socket.inet_aton(destination))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return (b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip
            + struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload)


def dns_exchange(number, host="api.openai.com"):
    name = b"".join(bytes([len(p)]) + p.encode() for p in host.split(".")) + b"\0"
    client = f"10.{1 + (number >> 16) % 200}.{(number >> 8) & 255}.{number & 255}"
    port = 20000 + number % 40000
    question = name + b"\0\1\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x68\x12\1\1"
    head = struct.pack("!H", number & 0xFFFF)
    asked = udp(client, "10.0.0.53", port, 53, head + b"\1\0\0\1\0\0\0\0\0\0" + question)
    told = udp("10.0.0.53", client, 53, port, head + b"\x81\x80\0\1\0\1\0\0\0\0" + question + answer)
    return asked, told


class Sender:
    """Sends such exchanges from the sender's namespace and remembers when."""

    def __init__(self, cable):
        self.cable = cable
        self.number = 0
        self.times = []
        self.open()

    def open(self):
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as back, \
                open(f"/var/run/netns/{self.cable.sender}") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                skip("a namespace cannot be entered here")
            try:
                self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                self.socket.bind((self.cable.there, 0))
            finally:
                libc.setns(back.fileno(), CLONE_NEWNET)

    def send(self, count=1, gap=0.0):
        for _ in range(count):
            self.number += 1
            for frame in dns_exchange(self.number):
                self.socket.send(frame)
            self.times.append(time.monotonic())
            if gap:
                time.sleep(gap)

    def sent_before(self, moment):
        return sum(1 for each in self.times if each <= moment)


def pcap_of(frames, start=1700000000):
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for i, frame in enumerate(frames):
        data += struct.pack("<IIII", start + i // 1000, i % 1000 * 1000, len(frame), len(frame))
        data += frame
    return data


def status(path):
    try:
        return json.loads(pathlib.Path(path).read_text())
    except (OSError, ValueError):
        return {}


def main(tests, gnomon):
    """Runs what is named on the command line, or all."""
    wanted = sys.argv[2:] or list(tests)
    for name in wanted:
        began = time.monotonic()
        try:
            with scratch() as folder:
                tests[name](pathlib.Path(gnomon).resolve(), folder)
        except (Trouble, subprocess.CalledProcessError) as trouble:
            detail = getattr(trouble, "stderr", "") or ""
            print(f"{name}: FAILED: {trouble} {detail}")
            return 1
        print(f"{name}: good ({time.monotonic() - began:.1f} s)")
    return 0
