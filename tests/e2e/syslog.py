#!/usr/bin/env python3
"""Sends events to a collector that is down, comes up, and goes away in between.

usage: syslog.py --gnomon BIN

Over TCP and UDP, and over TLS when openssl is here. Every event must arrive, once and in order, with
the framing of RFC 6587 and a head of RFC 5424; what cannot be sent waits in the spool, and a spool
that is too small drops the oldest and says how many.
"""
import argparse
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CAPTURE = os.path.join(ROOT, 'pcaps/browser/chat-tcp.pcap')
HEAD = re.compile(rb'^<13[0-9]>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ gnomon - \S+ - (CEF:0\|.*)$', re.S)

failures = []


def check(good, what):
    if not good:
        failures.append(what)
        print('FAILED:', what)


class Collector(threading.Thread):
    """Takes connections; closes the first after `close_after` bytes, unread, when told to."""

    def __init__(self, port=0, context=None, close_first=False):
        super().__init__(daemon=True)
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', port))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.context, self.close_first = context, close_first
        self.streams = []
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                if self.close_first:
                    self.close_first = False
                    connection.close()
                    continue
                data = b''
                self.streams.append(data)
                while True:
                    more = connection.recv(65536)
                    if not more:
                        break
                    self.streams[-1] += more
            except (OSError, ssl.SSLError):
                pass

    def messages(self):
        found = []
        for data in self.streams:
            while data:
                length, _, rest = data.partition(b' ')
                if not length.isdigit():
                    check(False, f'framing: {data[:60]}')
                    break
                if len(rest) < int(length):
                    break  # not all of it has come
                found.append(rest[:int(length)])
                data = rest[int(length):]
        return found

    def stop(self):
        self.listener.close()


def free_port():
    with socket.socket() as each:
        each.bind(('127.0.0.1', 0))
        return each.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    with tempfile.TemporaryDirectory() as folder:
        number = 0

        def replay(*words, code=0):
            nonlocal number
            number += 1
            done = subprocess.run([gnomon, 'replay', '--db', f'{number}.db', '--syslog-events', 'all', *words, CAPTURE],
                                  cwd=folder, capture_output=True, text=True, timeout=120)
            check(done.returncode == code, f'replay {words}: {done.returncode} {done.stderr}')
            return done.stderr

        replay('--events', 'wanted.cef', '--events-format', 'cef')
        wanted = open(os.path.join(folder, 'wanted.cef'), 'rb').read().splitlines()
        check(len(wanted) > 5, 'the capture has events')

        def compare(collector, what):
            end = time.monotonic() + 60  # it reads in its own time
            while len(collector.messages()) < len(wanted) and time.monotonic() < end:
                time.sleep(0.1)
            compare_all(collector.messages(), what)

        def compare_all(messages, what):
            bodies = []
            for each in messages:
                match = HEAD.match(each)
                check(match is not None, f'{what}: head of {each[:80]}')
                bodies.append(match.group(1) if match else b'')
            check(bodies == wanted, f'{what}: {len(bodies)} of {len(wanted)} events, in order: {bodies == wanted}')

        # Down: all of it waits, and a restart finds it.
        port = free_port()
        said = replay('--syslog', f'tcp://127.0.0.1:{port}', '--syslog-spool', 'down', '--syslog-wait', '1')
        check(f'{len(wanted)} wait' in said, f'down: {said}')
        late = subprocess.Popen([gnomon, 'export', 'spool', '--syslog', f'tcp://127.0.0.1:{port}', '--syslog-spool', 'down',
                                 '--syslog-wait', '60'], cwd=folder, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        collector = Collector(port, close_first=True)  # up, and away once more
        said = late.communicate(timeout=120)[1]
        check(late.returncode == 0 and f'{len(wanted)} events sent' in said, f'up again: {said}')
        compare(collector, 'down and up')
        collector.stop()

        collector = Collector()
        said = replay('--syslog', f'tcp://127.0.0.1:{collector.port}', '--syslog-spool', 'tcp')
        compare(collector, 'tcp')
        collector.stop()

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(('127.0.0.1', 0))
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            udp.settimeout(10)
            replay('--syslog', f'udp://127.0.0.1:{udp.getsockname()[1]}', '--syslog-spool', 'udp')
            got = []
            try:
                while len(got) < len(wanted):
                    got.append(udp.recv(65536))
            except socket.timeout:
                pass
            compare_all(got, 'udp')

        if shutil.which('openssl'):
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                            '-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-subj', '/CN=collector', '-addext',
                            'subjectAltName=IP:127.0.0.1'], cwd=folder, check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(folder, 'cert.pem'), os.path.join(folder, 'key.pem'))
            collector = Collector(context=context)
            said = replay('--syslog', f'tls://127.0.0.1:{collector.port}', '--syslog-spool', 'tls', '--syslog-wait', '1')
            check('0 events sent' in said and 'wait' in said and not collector.messages(), f'tls, not trusted: {said}')
            replay('--syslog', f'tls://127.0.0.1:{collector.port}', '--syslog-spool', 'tls2', '--syslog-ca', 'cert.pem')
            compare(collector, 'tls')
            collector.stop()
        else:
            print('skipped: TLS, as openssl is not here')

        for words, message in ((('--syslog', 'http://a'), 'scheme'), (('--syslog', 'tcp://a:0'), 'port'),
                               (('--syslog', 'tcp://a', '--syslog-format', 'leef'), 'leef')):
            check(message in replay(*words, code=1), f'{words}: says {message}')
    print('syslog:', 'failed' if failures else f'{len(wanted)} events each over TCP, UDP and TLS')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
