#!/usr/bin/env python3
"""The console as a program: starts, refuses what is wrong, and bears bad requests, slow clients and two
who decide at once."""
import argparse
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

PASSWORD = "correct horse battery"


class Console:
    """`gnomon serve` on any free port."""

    def __init__(self, gnomon, database, *more):
        self.process = subprocess.Popen([gnomon, "serve", "--db", database, "--listen", "127.0.0.1:0", *more],
                                        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.lines = []
        while True:
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError("the console did not start: " + "".join(self.lines))
            self.lines.append(line)
            if found := re.search(r"is at (https?)://127\.0\.0\.1:(\d+)/", line):
                self.scheme, self.port = found[1], int(found[2])
                break

    def stop(self):
        self.process.terminate()
        return self.process.wait(90)


def add_user(gnomon, database, name, role):
    subprocess.run([gnomon, "user", "add", name, "--role", role, "--db", database], input=PASSWORD + "\n", text=True, check=True)


class Client:
    def __init__(self, port, tls=False):
        self.port, self.tls, self.cookie, self.token = port, tls, "", ""

    def connect(self):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=90)
        if not self.tls:
            return raw
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(raw)

    def raw(self, data):
        """What comes back for these bytes, until the other side is done."""
        with self.connect() as line:
            line.sendall(data)
            got = b""
            try:
                while more := line.recv(65536):
                    got += more
            except (ConnectionResetError, ssl.SSLError):
                pass
            return got

    def ask(self, method, target, body=None, headers=None):
        fields = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"}
        if self.cookie:
            fields["Cookie"] = self.cookie
        data = b""
        if body is not None:
            data = json.dumps(body).encode()
            fields["Content-Type"] = "application/json"
        if method not in ("GET", "HEAD"):
            fields["X-CSRF-Token"] = self.token
            fields["Content-Length"] = str(len(data))
        fields.update(headers or {})
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None) + "\r\n"
        answer = self.raw(head.encode() + data)
        head, _, content = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        status = int(lines[0].split()[1])
        found = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            found.setdefault(name.lower(), value.strip())
        return status, found, content

    def sign_in(self, name):
        status, headers, content = self.ask("POST", "/api/v1/session", {"name": name, "password": PASSWORD})
        assert status == 200, content
        self.cookie = headers["set-cookie"].split(";")[0]
        self.token = json.loads(content)["csrf_token"]
        return headers["set-cookie"]

    def get(self, target):
        status, _, content = self.ask("GET", target)
        assert status == 200, (target, status, content)
        return json.loads(content)


def check(said, claim):
    if not claim:
        raise AssertionError(said)


def refused(gnomon, code, words, *arguments, stdin=""):
    done = subprocess.run([gnomon, *arguments], input=stdin, capture_output=True, text=True, timeout=60)
    check(f"{arguments} ends with {done.returncode}, not {code}: {done.stderr}", done.returncode == code)
    check(f"{arguments} says {done.stderr!r}, not {words!r}", words in done.stderr)


def command_line(gnomon, database, folder):
    foreign = os.path.join(folder, "foreign.db")
    subprocess.run(["sqlite3", foreign, "CREATE TABLE a (b)"], check=True)
    text = os.path.join(folder, "text.db")
    open(text, "w").write("this is no database, whatever its name says\n" * 100)
    refused(gnomon, 2, "no inventory here", "serve", "--db", os.path.join(folder, "missing.db"))
    refused(gnomon, 2, "another program", "serve", "--db", foreign)
    refused(gnomon, 2, "not a database", "serve", "--db", text)
    refused(gnomon, 1, "--insecure-listen", "serve", "--db", database, "--listen", "0.0.0.0:0")
    refused(gnomon, 1, "no place to listen", "serve", "--db", database, "--listen", "nonsense")
    refused(gnomon, 1, "no place to listen", "serve", "--db", database, "--listen", "127.0.0.1:99999")
    refused(gnomon, 1, "go together", "serve", "--db", database, "--tls-cert", "x.pem")
    refused(gnomon, 2, "x.pem", "serve", "--db", database, "--tls-cert", "x.pem", "--tls-key", "y.pem")
    refused(gnomon, 1, "no host name", "serve", "--db", database, "--host-name", "a b")
    refused(gnomon, 1, "unexpected", "serve", "--db", database, "word")
    refused(gnomon, 1, "12 characters", "user", "add", "eve", "--db", database, stdin="short\n")
    refused(gnomon, 1, "holds no password", "user", "add", "eve", "--db", database)
    refused(gnomon, 1, "letters", "user", "add", "e v e", "--db", database, stdin=PASSWORD)
    refused(gnomon, 1, "--role", "user", "add", "eve", "--role", "king", "--db", database, stdin=PASSWORD)
    refused(gnomon, 1, "no account", "user", "remove", "eve", "--db", database)
    refused(gnomon, 1, "is not", "user", "promote", "eve", "--db", database)
    accounts = database + "-accounts"
    before = open(accounts).read()
    os.chmod(accounts, 0o644)
    refused(gnomon, 2, "chmod 600", "serve", "--db", database)
    open(accounts, "w").write("ann admin\n")
    os.chmod(accounts, 0o600)
    refused(gnomon, 2, "accounts:1", "serve", "--db", database)
    open(accounts, "w").write(before)


def bad_requests(port):
    client = Client(port)
    host = f"Host: 127.0.0.1:{port}\r\n"
    status_of = lambda data: (client.raw(data).split(b" ") + [b"", b""])[1].decode()
    for said, data, wanted in [
        ("no HTTP", b"\x16\x03\x01\x00\x05hello\r\n\r\n", "400"),
        ("an unknown version", f"GET / HTTP/9.9\r\n{host}\r\n".encode(), "400"),
        ("a space in the target", f"GET /a b HTTP/1.1\r\n{host}\r\n".encode(), "400"),
        ("no host", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "421"),
        ("another's host", b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "421"),
        ("two hosts", f"GET / HTTP/1.1\r\n{host}Host: evil.example\r\nConnection: close\r\n\r\n".encode(), "400"),
        ("a header of 64 KiB", f"GET / HTTP/1.1\r\n{host}X: ".encode() + b"a" * 65536 + b"\r\n\r\n", "431"),
        ("endless headers", f"GET / HTTP/1.1\r\n{host}".encode() + b"a: b\r\n" * 20000 + b"\r\n", "431"),
        ("a target of 64 KiB", b"GET /" + b"a" * 65536 + f" HTTP/1.1\r\n{host}\r\n".encode(), "431"),
        ("a body that says it is large", f"POST /api/v1/session HTTP/1.1\r\n{host}Content-Length: 999999999\r\n\r\n".encode(), "413"),
        ("a body that is large", f"POST /api/v1/session HTTP/1.1\r\n{host}Content-Length: 600000\r\n\r\n".encode() + b"a" * 600000, "413"),
        ("a chunked body without end", f"POST /api/v1/session HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n".encode() + b"ffff\r\n" + (b"a" * 65535 + b"\r\nffff\r\n") * 8, "413"),
        ("two lengths", f"POST /api/v1/session HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\naa".encode(), "400"),
        ("length and chunks", f"POST /api/v1/session HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(), "400"),
        ("a negative length", f"POST /api/v1/session HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n".encode(), "400"),
        ("the way up", f"GET /../../etc/passwd HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode(), "400"),
        ("the way up, hidden", f"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode(), "400"),
        ("a proxy's target", f"GET http://evil.example/ HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode(), "400"),
        ("CONNECT", f"CONNECT evil.example:443 HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode(), "400"),
    ]:
        got = status_of(data)
        check(f"{said}: {got}, not {wanted}", got == wanted)
    status, headers, content = client.ask("HEAD", "/")
    check("HEAD has a length and no body", status == 200 and int(headers["content-length"]) > 500 and content == b"")
    status, headers, _ = client.ask("DELETE", "/api/v1/apps")
    check("a wrong method is told the right ones", status == 405 and headers["allow"] == "GET, HEAD")


def slow_clients(port):
    """Hundreds who send a byte now and then must not keep others waiting."""
    slow = []
    for _ in range(300):
        line = socket.create_connection(("127.0.0.1", port), timeout=60)
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        slow.append(line)
    began = time.monotonic()
    for _ in range(5):
        for line in slow:
            line.sendall(b"a")
        status, _, _ = Client(port).ask("GET", "/api/v1/session")
        check("others are answered beside slow clients", status == 200)
    check("and soon", time.monotonic() - began < 60)
    for line in slow:
        line.close()
    # One who never asks is let go.
    with socket.create_connection(("127.0.0.1", port), timeout=120) as silent:
        silent.sendall(b"GET / HT")
        try:
            ended = silent.recv(100) == b""
        except ConnectionResetError:
            ended = True
        check("a request that never ends is ended", ended)
    # Beyond what one address may hold, connections are refused, and it is served again afterwards.
    many = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(600)]
    for line in many:
        line.close()
    end = time.monotonic() + 60
    while True:  # it takes note of each of them first
        try:
            answered = Client(port).ask("GET", "/")[0] == 200
        except (OSError, IndexError):  # refused
            answered = False
        if answered or time.monotonic() > end:
            break
        time.sleep(0.1)
    check("and it goes on", answered)


def decisions(gnomon, database, port):
    ann, bob = Client(port), Client(port)
    cookie = ann.sign_in("ann")
    check("the cookie is for the server alone", "HttpOnly" in cookie and "SameSite=Strict" in cookie)
    bob.sign_in("bob")
    apps = ann.get("/api/v1/apps?grade=session&sort=name&order=asc")["rows"]
    check("there are apps", apps)
    name = apps[0]["id"]
    seen = ann.get(f"/api/v1/apps/{name}")["decision"]["version"]
    status, _, content = ann.ask("PUT", f"/api/v1/apps/{name}/decision", {"version": seen, "status": "sanctioned", "owner": "Ann Example"})
    check(content, status == 200)
    status, _, content = bob.ask("PUT", f"/api/v1/apps/{name}/decision", {"version": seen, "status": "unsanctioned"})
    check("who comes second is told", status == 409)
    shown = subprocess.run([gnomon, "show", name, "--db", database], capture_output=True, text=True, check=True).stdout
    check("the decision is in the inventory", "sanctioned" in shown and "Ann Example" in shown)
    check("and in the list", any(row["id"] == name for row in bob.get("/api/v1/apps?status=sanctioned")["rows"]))
    # Decided on the command line, seen here.
    subprocess.run([gnomon, "review", name, "--status", "tolerated", "--db", database], check=True)
    until = time.monotonic() + 60
    while bob.get(f"/api/v1/apps/{name}")["app"]["status"] != "tolerated":
        check("what others decide is seen", time.monotonic() < until)
        time.sleep(0.2)
    forged = Client(port)
    forged.cookie = ann.cookie[:-4] + "0000"
    check("a forged session is none", forged.ask("GET", "/api/v1/apps")[0] == 401)
    ann.token = bob.token
    check("another's token is none", ann.ask("DELETE", "/api/v1/session")[0] == 403)
    subprocess.run([gnomon, "user", "remove", "bob", "--db", database], check=True)
    check("who is removed is signed out", bob.ask("GET", "/api/v1/apps")[0] == 401)


def with_tls(gnomon, database, folder):
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    console = Console(gnomon, database, "--tls-cert", cert, "--tls-key", key)
    try:
        check("it says https", console.scheme == "https")
        client = Client(console.port, tls=True)
        cookie = client.sign_in("ann")
        check("the cookie stays on TLS", cookie.startswith("__Host-gnomon=") and "; Secure" in cookie)
        status, headers, _ = client.ask("GET", "/api/v1/overview")
        check("it answers over TLS", status == 200 and "strict-transport-security" in headers)
        check("plain HTTP gets nothing of it", b"gnomon" not in Client(console.port).raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
    finally:
        check("it ends when asked to", console.stop() == 0)


def first_start(gnomon, database):
    console = Console(gnomon, database)
    try:
        while not any("setup#" in line for line in console.lines):
            console.lines.append(console.process.stderr.readline())
        token = re.search(r"setup#([0-9a-f]{64})\n", "".join(console.lines))[1]  # a line to be copied
        client = Client(console.port)
        check("it says that nobody is there", client.get("/api/v1/session")["needs_setup"])
        status, _, content = client.ask("POST", "/api/v1/setup", {"token": token, "name": "ann", "password": PASSWORD})
        check(content, status == 200)
        check("the link works once", client.ask("POST", "/api/v1/setup", {"token": token, "name": "eve", "password": PASSWORD})[0] == 409)
        client.sign_in("ann")
        check("and the account is an admin", client.get("/api/v1/users")["rows"] == [{"name": "ann", "role": "admin", "sessions": 2}])
    finally:
        check("it ends when asked to", console.stop() == 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gnomon", required=True)
    gnomon = parser.parse_args().gnomon
    pcaps = os.path.join(os.path.dirname(__file__), "..", "..", "pcaps")
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "gnomon.db")
        subprocess.run([gnomon, "replay", "--db", database, *(os.path.join(pcaps, each) for each in ("api", "browser", "self-hosted"))],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        first_start(gnomon, database)
        add_user(gnomon, database, "bob", "reviewer")
        command_line(gnomon, database, folder)
        console = Console(gnomon, database)
        try:
            bad_requests(console.port)
            decisions(gnomon, database, console.port)
            slow_clients(console.port)
        finally:
            code = console.stop()
        check(f"it ends when asked to: {code}", code == 0)
        with_tls(gnomon, database, folder)
    print("the console bears what it must")


if __name__ == "__main__":
    sys.exit(main())
