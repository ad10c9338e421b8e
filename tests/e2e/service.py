#!/usr/bin/env python3
"""The running sensor as systemd sees it: notification, reload under traffic without a lost packet, a
broken reload refused, metrics, status, clean stop.   service.py --gnomon BIN

Works in a network namespace of its own, with a veth pair and tcpreplay. Where that cannot be had it
ends with 77."""
import argparse, json, os, re, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, time, urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
METRICS = ""  # an address of its own, once it is in its own namespace


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def enter_namespace():
    if os.geteuid() != 0:
        skip("needs root for network namespaces")
    for tool in ("unshare", "ip", "tcpreplay"):
        if not shutil.which(tool):
            skip(f"{tool} is not here")
    if os.environ.get("GNOMON_IN_NAMESPACE"):
        return
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
        skip("network namespaces cannot be made here")
    os.environ["GNOMON_IN_NAMESPACE"] = "1"
    # /sys shows the interfaces of the namespace it was mounted in.
    os.execvp("unshare", ["unshare", "-n", "-m", "sh", "-c",
                          'mount -t sysfs sysfs /sys || exit 77; exec "$0" "$@"', sys.executable] + sys.argv)


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


class Manager:
    """Stands in for systemd."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.heard = []

    def listen(self, seconds):
        self.socket.settimeout(seconds)
        try:
            self.heard.append(self.socket.recv(65536).decode())
            return True
        except TimeoutError:
            return False

    def wait_for(self, what, seconds, since=0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(what in each for each in self.heard[since:]):
                return True
            self.listen(0.2)
        return False


failures = []


def check(good, what):
    if not good:
        failures.append(what)
        print("FAILED", what)


def until(claim, seconds=90):
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def unknown_hosts(database):
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as connection:
            return {row[0] for row in connection.execute("SELECT host FROM host_unknown")}
    except sqlite3.OperationalError:
        return set()


def get(path):
    with urllib.request.urlopen(f"http://{METRICS}{path}", timeout=120) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def sent_in(output):
    return int(re.search(r"Successful packets:\s+(\d+)", output)[1])


def samples_of(text):
    """Prometheus' text format, strictly: every line is a comment or a sample, types come first."""
    samples, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# "):
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in types and kind in ("counter", "gauge", "untyped"), line
                types[name] = kind
            continue
        match = re.fullmatch(r'([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})? (\S+)', line)
        assert match, line
        assert match[1] in types, line
        key = match[1] + (match[2] or "")
        assert key not in samples, line
        samples[key] = float(match[3])
    return samples


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gnomon", required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    enter_namespace()
    run("ip", "link", "set", "lo", "up")
    global METRICS
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        METRICS = "127.0.0.1:%d" % probe.getsockname()[1]
    if subprocess.run(["ip", "link", "add", "feed0", "type", "veth", "peer", "name", "tap0"],
                      capture_output=True).returncode != 0:
        skip("veth pairs cannot be made here")
    for name in ("feed0", "tap0"):
        run("ip", "link", "set", name, "mtu", "9000")
        with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w") as knob:
            knob.write("1")
        run("ip", "link", "set", name, "up")
    for name in ("feed0", "tap0"):  # frames get through once the kernel has looked at the carrier
        until(lambda: open(f"/sys/class/net/{name}/operstate").read().strip() == "up")

    with tempfile.TemporaryDirectory(prefix="gnomon-service-") as scratch:
        os.chmod(scratch, 0o777)
        at = lambda name: os.path.join(scratch, name)
        os.mkdir(at("local"))
        config = at("gnomon.yaml")

        def write_config(extra=""):
            with open(config, "w") as file:
                file.write(f"""inventory:
  database: {at('gnomon.db')}
capture:
  interfaces: [tap0]
events:
  file: {at('eve.json')}
  stats_interval: 1 s
flows:
  timeout_tcp_closed: 1 s
  timeout_tcp_new: 2 s
signatures:
  local: {at('local')}
service:
  metrics: {METRICS}
  status_socket: {at('status.sock')}
  user: ''
{extra}""")

        write_config()
        manager = Manager(at("notify"))
        environment = dict(os.environ, NOTIFY_SOCKET=at("notify"), WATCHDOG_USEC="3000000")
        environment.pop("WATCHDOG_PID", None)
        log = open(at("log"), "w")
        sensor = subprocess.Popen([gnomon, "capture", "--config", config], env=environment,
                                  stdout=log, stderr=log)
        try:
            follow(gnomon, sensor, manager, at, write_config)
        finally:
            sensor.kill()
            sensor.wait()
            log.close()
            if failures:
                print(open(at("log")).read()[-4000:])
    sys.exit(1 if failures else 0)


def follow(gnomon, sensor, manager, at, write_config):
    check(manager.wait_for("READY=1", 180), "READY=1 was not said")
    if failures:
        return
    # A second sensor finds the port in use, and says so.
    second = subprocess.run([gnomon, "capture", "-i", "tap0", "--db", at("second.db"), "--set",
                             f"service.metrics={METRICS}", "--set", "service.status_socket="],
                            capture_output=True, text=True, timeout=120)
    check(second.returncode == 1 and "the port is in use" in second.stderr, "port in use: " + second.stderr)

    # An app that nobody knows yet, and then much that everybody knows.
    output = subprocess.run(["tcpreplay", "-q", "-i", "feed0", "--pps", "500",
                             os.path.join(TOP, "pcaps/unknown/lumenwrite.pcap")],
                            capture_output=True, text=True, check=True).stdout
    sent = sent_in(output)
    capture = os.path.join(TOP, "pcaps/api/curl-tls13.pcap")
    traffic = subprocess.Popen(["tcpreplay", "-q", "-i", "feed0", "--pps", "4000", "--loop", "100000",
                                "--duration", "20", capture], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    app = """
apps:
  - id: our-own-ai
    name: Our Own AI
    category: chat-assistant
    domains: [lumenwrite.example]
"""
    # Good reloads while packets come.
    for turn in range(3):
        heard = len(manager.heard)
        if turn == 1:
            write_config("log:\n  level: debug\n")
        if turn == 2:
            check(until(lambda: "api.lumenwrite.example" in unknown_hosts(at("gnomon.db"))),
                  "an app that nobody knows is not among the unknown hosts")
            with open(at("local/own.yaml"), "w") as file:
                file.write(app)
        sensor.send_signal(signal.SIGHUP)
        check(manager.wait_for("RELOADING=1", 60, heard), "RELOADING=1 was not said")
        check(manager.wait_for("READY=1", 60, heard), "READY=1 was not said after a reload")
    # A broken one is refused and changes nothing.
    for name, text in (("broken.yaml", "apps: [\n"), (None, "log:\n  levl: debug\n"), (None, "keep:\n  hours: 1 d\n"),
                       (None, "content:\n  key_logs: [/nowhere/keys]\n")):
        heard = len(manager.heard)
        if name:
            with open(at("local/" + name), "w") as file:
                file.write(text)
        else:
            write_config(text)
        sensor.send_signal(signal.SIGHUP)
        check(manager.wait_for("READY=1\nSTATUS=Reload refused", 60, heard), "a broken reload was not refused")
        if name:
            os.unlink(at("local/" + name))
    write_config()
    output = traffic.communicate(timeout=120)[0]
    sent += sent_in(output)
    end = time.monotonic() + 90
    while time.monotonic() < end:
        status = json.loads(subprocess.run(
            [gnomon, "status", "--json", "--set", f"service.status_socket={at('status.sock')}"],
            capture_output=True, text=True, check=True).stdout)
        if status["packets"] >= sent:
            break
        manager.listen(0.1)
    check(status["packets"] == sent, f"{sent} packets were sent, {status['packets']} counted")
    check(status["lost"]["packets"] == 0, f"lost: {status['lost']}")
    check(status["signatures"]["reloads"] == 3, f"reloads: {status['signatures']}")
    check(status["signatures"]["reloads_refused"] == 4, f"refused: {status['signatures']}")
    text = subprocess.run([gnomon, "status", "--set", f"service.status_socket={at('status.sock')}"],
                          capture_output=True, text=True, check=True).stdout
    check("tap0: up" in text and "last reload" in text, "status: " + text)

    # The kernel's own count comes a moment later.
    received = 'gnomon_input_received_total{input="tap0"}'
    until(lambda: samples_of(get("/metrics")[1])[received] >= sent)
    kind, metrics = get("/metrics")
    check(kind.startswith("text/plain; version=0.0.4"), "metrics: " + kind)
    samples = samples_of(metrics)
    check(samples["gnomon_packets_total"] == sent, "gnomon_packets_total")
    check(samples[received] == sent, "gnomon_input_received_total")
    check(samples['gnomon_reloads_total{result="done"}'] == 3, "gnomon_reloads_total")
    check(samples["gnomon_resident_memory_bytes"] > 1 << 20, "gnomon_resident_memory_bytes")
    check(any(name.startswith("gnomon_decode_") for name in samples), "counters of stats are not there")

    check(manager.wait_for("WATCHDOG=1", 60), "the watchdog was not fed")
    check(manager.wait_for("packets (0.00 % lost)", 60), "no status line")
    heard = len(manager.heard)
    sensor.send_signal(signal.SIGTERM)
    check(manager.wait_for("STOPPING=1", 60, heard), "STOPPING=1 was not said")
    check(sensor.wait(timeout=90) == 0, f"exit code {sensor.returncode}")
    check(not os.path.exists(at("status.sock")), "the socket was left behind")
    with open(at("eve.json")) as events:
        stats = [each for each in map(json.loads, events) if each["event_type"] == "stats"]
    check(len(stats) >= 5, f"{len(stats)} stats events")
    listed = subprocess.run([gnomon, "inventory", "--db", at("gnomon.db")], capture_output=True, text=True)
    check(listed.returncode == 0 and "Our Own AI" in listed.stdout,
          "what was unknown before the reload is not in the inventory: " + listed.stdout + listed.stderr)
    # All that it says goes the way that the configuration names, and at its level.
    for level, told in (("info", True), ("warning", False)):
        done = subprocess.run([gnomon, "capture", "-i", "tap0", "--db", at("third.db"), "--duration", "1", "--set",
                               "log.format=json", "--log-level", level], capture_output=True, text=True, timeout=120)
        said = [json.loads(line)["msg"] for line in done.stderr.splitlines()]
        check(done.returncode == 0 and any("capturing from" in each for each in said) == told,
              f"log of level {level}: {done.stderr}")


main()
