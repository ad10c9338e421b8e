#!/usr/bin/env python3
"""Reads a capture whose names are as hostile as a network can make them, and looks at every edge.

usage: hostile_names.py --gnomon BIN

SNI, hosts, user agents, file names, models and a client's own name hold markup, quotes, control
characters, marks that turn the writing direction, beginnings of formulas, line ends and bytes that
are no UTF-8. They must be harmless on a terminal, in HTML, CSV, XLSX, JSON, syslog and every block
list; and they must be there, or nothing was tested.
"""
import argparse
import csv
import html.parser
import io
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from xml.etree import ElementTree

NASTY = [b'<script>alert(1)</script>', b'"><img src=x onerror=alert(2)>', b"'; DROP TABLE app; --", b'=cmd|\' /C calc\'!A0',
         b'+1+1', b'-2+3', b'@SUM(A1)', b'\x1b]0;owned\x07\x1b[31m', b'\xe2\x80\xaetxt.exe', b'\xff\xfe\x80', b'a\\b|c=d;e,f',
         b'a\r\nCEF:0|evil|x', b'{{7*7}}${7*7}', b'</script></style></title>', b'&lt;b&gt;&amp;']
RAW = [b'\x1b', b'\x07', b'\xe2\x80\xae', b'\xff\xfe\x80']

failures = []


def check(good, what):
    if not good:
        failures.append(what)
        print('FAILED:', what)


# ---- a capture of our own
def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Capture:
    def __init__(self):
        self.frames, self.time, self.port = [], 1_795_510_800.0, 40_000

    def ip(self, source, target, protocol, payload):
        head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0, source, target)
        head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
        self.time += 0.01
        self.frames.append((self.time, b'\x02' * 6 + b'\x04' * 6 + b'\x08\x00' + head + payload))

    def tcp(self, client, server, server_port, exchanges):
        """Exchanges are (request, response), each whole."""
        self.port += 1
        sequence = {True: 1000, False: 5000}

        def segment(ours, flags, data=b''):
            ends = (self.port, server_port) if ours else (server_port, self.port)
            raw = struct.pack('!HHIIBBHHH', *ends, sequence[ours], sequence[not ours] if flags != 2 else 0, 0x50, flags, 65000, 0, 0) + data
            source, target = (client, server) if ours else (server, client)
            pseudo = source + target + struct.pack('!BBH', 0, 6, len(raw))
            raw = raw[:16] + struct.pack('!H', checksum(pseudo + raw)) + raw[18:]
            self.ip(source, target, 6, raw)
            sequence[ours] += len(data) + (1 if flags & 3 else 0)
        segment(True, 2), segment(False, 18), segment(True, 16)
        for request, response in exchanges:
            for ours, data in ((True, request), (False, response)):
                for at in range(0, len(data), 1400):
                    segment(ours, 24, data[at:at + 1400])
                    segment(not ours, 16)
        segment(True, 17), segment(False, 17), segment(True, 16)

    def udp(self, source, target, source_port, target_port, data):
        self.ip(source, target, 17, struct.pack('!HHHH', source_port, target_port, 8 + len(data), 0) + data)

    def bytes(self):
        out = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
        for when, frame in self.frames:
            out += struct.pack('<IIII', int(when), int(when % 1 * 1e6), len(frame), len(frame)) + frame
        return out


def hello(name):
    server_name = struct.pack('!HBH', len(name) + 3, 0, len(name)) + name
    extensions = struct.pack('!HH', 0, len(server_name)) + server_name
    body = b'\x03\x03' + b'\x11' * 32 + b'\0' + struct.pack('!H', 2) + b'\x13\x01' + b'\x01\0' + struct.pack('!H', len(extensions)) + extensions
    body = b'\x01' + struct.pack('!I', len(body))[1:] + body
    return b'\x16\x03\x01' + struct.pack('!H', len(body)) + body


def http(host, path, agent, body, kind):
    one_line = agent.replace(b'\r\n', b' ')
    return (b'POST ' + path + b' HTTP/1.1\r\nHost: ' + host + b'\r\nUser-Agent: ' + one_line + b'\r\nContent-Type: ' + kind +
            b'\r\nContent-Length: ' + str(len(body)).encode() + b'\r\n\r\n' + body)


def make_capture():
    capture = Capture()
    client = bytes([10, 0, 0, 5])
    answer = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
    for number, nasty in enumerate(NASTY):
        server = bytes([198, 51, 100, 1 + number])
        capture.tcp(client, server, 443, [(hello(nasty + b'.example'), b'\x16\x03\x03\0\x01\0' * 40)])
        safe = nasty.replace(b'\r\n', b' ').replace(b'"', b"'")
        part = (b'--zz\r\nContent-Disposition: form-data; name="file"; filename="' + safe + b'"\r\nContent-Type: text/plain\r\n\r\n' +
                b'AKIAIOSFODNN7EXAMPLE plain text ' * 40 + b'\r\n--zz--\r\n')
        capture.tcp(client, bytes([198, 51, 100, 200]), 80,
                    [(http(b'api.openai.com', b'/v1/files', nasty, part, b'multipart/form-data; boundary=zz'), answer)])
        # JSON holds no bytes that are no UTF-8.
        model = json.dumps({'model': nasty.decode('latin-1'), 'messages': [{'role': 'user', 'content': 'hello'}]}).encode()
        capture.tcp(client, bytes([198, 51, 100, 200]), 80,
                    [(http(b'api.openai.com', b'/v1/chat/completions', nasty, model, b'application/json'), answer)])
        name = nasty[:60]
        options = b'\x63\x82\x53\x63' + b'\x35\x01\x03' + b'\x0c' + bytes([len(name)]) + name + b'\x32\x04' + client + b'\xff'
        capture.udp(b'\0' * 4, b'\xff' * 4, 68, 67, struct.pack('!BBBBIHH4s4s4s4s', 1, 1, 6, 0, number, 0, 0, client, client, b'\0' * 4, b'\0' * 4) +
                    b'\x02' * 6 + b'\0' * 10 + b'\0' * 192 + options)
    return capture.bytes()


# ---- edges
def no_raw(text, what, line_ends=b'\n'):
    for raw in RAW:
        check(raw not in text, f'{what}: {raw!r} stands there raw')
    check(not re.search(rb'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]', text), f'{what}: holds a control character')
    try:
        text.decode()
    except UnicodeDecodeError as error:
        check(False, f'{what}: is no UTF-8 ({error})')


class Page(html.parser.HTMLParser):
    """Which elements and attributes a browser would see."""

    def __init__(self):
        super().__init__()
        self.scripts, self.bad, self.text = 0, [], []

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == 'script'
        for name, value in attributes:
            if name.startswith('on') or (name in ('src', 'href') and not (value or '').startswith('#')):
                self.bad.append(f'{tag} {name}={value}')
        if tag in ('img', 'iframe', 'object', 'embed', 'form', 'base'):
            self.bad.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    with tempfile.TemporaryDirectory() as folder:
        def run(*words):
            done = subprocess.run([gnomon, *words], cwd=folder, capture_output=True, timeout=120)
            check(done.returncode == 0, f'gnomon {" ".join(words)}: {done.returncode} {done.stderr[-300:]}')
            return done.stdout

        def file(name):
            return open(os.path.join(folder, name), 'rb').read()
        open(os.path.join(folder, 'h.pcap'), 'wb').write(make_capture())
        db = ('--db', 'h.db')
        run('replay', *db, '--events', 'h.eve', 'h.pcap')

        # Terminal.
        for what in ('apps', 'hosts', 'clients', 'findings', 'models', 'files', 'runs'):
            no_raw(run('inventory', '--what', what, *db), f'terminal: {what}')
        no_raw(run('show', 'openai-api', *db), 'terminal: show')
        check(b'<script>alert(1)</script>' in run('inventory', '--what', 'hosts', *db), 'the terminal shows the hosts')

        # HTML.
        run('report', *db, '-o', 'h.html')
        page = file('h.html')
        no_raw(page, 'HTML')
        seen = Page()
        seen.feed(page.decode())
        check(not seen.bad, f'HTML: {seen.bad[:5]}')
        check(seen.scripts == 3, f'HTML: {seen.scripts} scripts, not our three')
        text = ''.join(seen.text)
        for wanted in ('<script>alert(1)</script>.example', '"><img src=x onerror=alert(2)>', "=cmd|' /C calc'!A0"):
            check(wanted in text, f'HTML: {wanted} is not shown as text')

        # CSV.
        cells = 0
        for what in ('', 'files', 'models', 'findings', 'candidates', 'alerts', 'artifacts', 'assets', 'tools'):
            run('report', *db, '-o', 'h.csv', *(['--what', what] if what else []))
            table = file('h.csv')
            no_raw(table, f'CSV {what}')
            for row in csv.reader(io.StringIO(table.decode(), newline='')):
                for cell in row:
                    cells += 1
                    check(not cell or cell[0] not in '=+-@\t\r' or re.fullmatch(r'-?\d+', cell), f'CSV {what}: formula {cell!r}')
        check(cells > 100, 'CSV: has cells')

        # XLSX.
        run('report', *db, '-o', 'h.xlsx')
        shown = ''
        with zipfile.ZipFile(os.path.join(folder, 'h.xlsx')) as book:
            names = book.namelist()
            check(sum(name.startswith('xl/tables/') for name in names) >= 5, f'XLSX: tables are there: {names}')
            for name in names:
                part = book.read(name)
                if not name.endswith('.xml'):
                    continue
                tree = ElementTree.fromstring(part)  # well-formed: no raw control characters
                if name == 'xl/sharedStrings.xml':
                    shown = ''.join(tree.itertext())
                if name.startswith('xl/worksheets/'):
                    check(not any(each.tag.endswith('}f') for each in tree.iter()), f'XLSX: {name} has a formula')
                check(not any(each.tag.endswith('}hyperlink') for each in tree.iter()), f'XLSX: {name} has a link')
        for wanted in ('<script>alert(1)</script>.example', '@SUM(A1)', "=cmd|' /C calc'!A0"):
            check(wanted in shown, f'XLSX: {wanted} is not there')
        check('\u202e' not in shown and '_x001B_' not in shown, 'XLSX: marks are escaped')
        try:
            import openpyxl
            book = openpyxl.load_workbook(os.path.join(folder, 'h.xlsx'))
            for sheet in book:
                for row in sheet.iter_rows():
                    for cell in row:
                        check(cell.data_type != 'f', f'XLSX: openpyxl takes {cell.value!r} for a formula')
        except ImportError:
            print('skipped: openpyxl is not here')

        # JSON.
        for name in ('json', 'cyclonedx'):
            document = run('export', name, *db)
            json.loads(document)
            document.decode()
        run('report', *db, '-o', 'h.json')
        check(any(host['host'].startswith('<script>') for host in json.loads(file('h.json'))['unknown_hosts']), 'JSON: has the hosts')
        for line in file('h.eve').splitlines():
            json.loads(line.decode())

        # Events in the other formats, and what a collector gets.
        for style in ('ocsf', 'ecs', 'cef'):
            run('replay', '--db', f'{style}.db', '--events', f'h.{style}', '--events-format', style, 'h.pcap')
            for line in file(f'h.{style}').split(b'\n')[:-1]:
                if style != 'cef':
                    json.loads(line.decode())
                    continue
                no_raw(line, 'CEF')
                check(line.startswith(b'CEF:0|Gnomon|Gnomon|'), f'CEF: {line[:60]}')
                check(len(re.findall(rb'(?<!\\)(?:\\\\)*\|', line.split(b'|rt=')[0])) <= 7, f'CEF: too many bars in {line[:90]}')
        check(b'onerror' in file('h.cef'), 'CEF: has the names')
        run('replay', '--db', 's.db', '--syslog', 'tcp://127.0.0.1:9', '--syslog-events', 'all', '--syslog-wait', '0', '--syslog-spool', 's', 'h.pcap')
        spool = b''.join(file(os.path.join('s', name)) for name in sorted(os.listdir(os.path.join(folder, 's'))) if name.endswith('.spool'))
        messages = 0
        while spool:
            length, _, spool = spool.partition(b' ')
            message, spool = spool[:int(length)], spool[int(length):]
            check(re.match(rb'<\d+>1 \S+ \S+ gnomon - [a-z_]+ - CEF:0\|', message) and b'\n' not in message, f'syslog: {message[:80]}')
            messages += 1
        check(messages > 20, f'syslog: {messages} messages')

        # Block lists.
        for name in ('edl', 'edl-url', 'edl-ip', 'rpz', 'suricata', 'nftables', 'squid', 'hosts', 'defender', 'fortigate'):
            text = run('export', name, *db, '--status', 'any', '--include-shared', '--explain', 'why.json')
            check(all(32 <= b < 127 or b in (10, 13) for b in text), f'{name}: is plain text')
            for nasty in (b'<script', b'onerror', b'DROP TABLE', b'calc', b'SUM('):
                check(nasty not in text, f'{name}: {nasty!r} is in it')
            json.loads(file('why.json').decode())
    print('hostile names:', 'failed' if failures else f'{len(NASTY)} names at every edge')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
