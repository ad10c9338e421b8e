#!/usr/bin/env python3
"""Sends planted values (a card number, a key, a marker) in every kind of file, packed in every way, under
every coding, over every transport; replays the captures and looks for all three among the findings. Then
looks for the values themselves in everything that was written: none may be there.

usage: transports.py --gnomon BIN [--sample N] [--keep FOLDER] [--write docs/format-matrix.md]
                     [--check docs/format-matrix.md]

--sample N takes every Nth combination, --write and --check leave the other table of the file alone.
"""
import argparse, json, os, subprocess, sys, tempfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture, quic, run
from containers import CONTAINERS

DETECTOR = '''category: confidential
detectors:
  - id: planted-marker
    name: A marker planted by a test
    severity: medium
    patterns: ['MARKER-[A-Z]{12}']
    high: form
    examples:
      match: ['MARKER-ABCDEFGHIJKL']
      other: ['MARKER-abcdefghijkl']
'''
WANTED = {'credit-card', 'aws-access-key', 'planted-marker'}
# transport: (what its column is called, which deliveries it has, which codings)
WAYS = [way for way, _, _ in run.DELIVERIES]
CODED = [coding for coding, _, _ in run.CODINGS]
TRANSPORTS = {
    'http1': ('HTTP/1', WAYS, CODED),
    'http1_chunked': ('HTTP/1, chunked', WAYS, CODED),
    'http2': ('HTTP/2', WAYS, CODED),
    'http3': ('HTTP/3', WAYS, CODED),
    # A message has no parts and no codings, but may be deflated.
    'websocket': ('WebSocket', [way for way, media, _ in run.DELIVERIES if not media.startswith('multipart')],
                  ['none', 'permessage-deflate']),
}


def cases_of(sample):
    number = 0
    for transport, (_, ways, codings) in TRANSPORTS.items():
        for kind in CONTAINERS:
            for way in ways:
                for coding in codings:
                    if number % sample == 0:
                        yield number, (transport, kind, way, coding)
                    number += 1


def write_captures(folder, cases, text):
    """One capture a transport, and the key log of HTTP/3; their paths."""
    files = {kind: make(text) for kind, (_, make) in CONTAINERS.items()}
    deliveries = {way: (media, wrap) for way, media, wrap in run.DELIVERIES}
    codings = {coding: (field, encode) for coding, field, encode in run.CODINGS}
    outs = {t: capture.Capture(os.path.join(folder, t + '.pcap')) for t in TRANSPORTS}
    packed = {}  # every transport carries the same bodies
    with open(os.path.join(folder, 'keys.txt'), 'w') as keys:
        for number, (transport, kind, way, coding) in cases.items():
            name, (media, wrap) = CONTAINERS[kind][0], deliveries[way]
            host, method = f'c{number}.example.test', 'PUT' if way == 'PUT' else 'POST'
            target = '/store/' + name if way == 'PUT' else '/v1/x'
            media = 'application/octet-stream' if way == 'PUT' else media
            out = outs[transport]
            if transport == 'websocket':
                out.connection(number, capture.websocket(host, '/ws', [(way != 'PUT', wrap(name, files[kind]))], coding != 'none'))
                continue
            field, encode = codings[coding]
            if (kind, way, coding) not in packed:
                packed[kind, way, coding] = encode(wrap(name, files[kind]))
            body = packed[kind, way, coding]
            if transport == 'http3':
                turns, lines = quic.connection(number, host, target, media, field, body, method)
                keys.write('\n'.join(lines) + '\n')
                out.datagrams(number, turns)
            else:
                out.connection(number, getattr(capture, transport)(host, target, media, field, body, method))
    for out in outs.values():
        out.close()
    return [os.path.join(folder, t + '.pcap') for t in TRANSPORTS], os.path.join(folder, 'keys.txt')


def table_of(cases, found):
    lines = [f'| file | {" | ".join(name for name, _, _ in TRANSPORTS.values())} |', '| --- |' + ' --- |' * len(TRANSPORTS)]
    for kind in CONTAINERS:
        cells = []
        for transport in TRANSPORTS:
            mine = [number for number, case in cases.items() if case[:2] == (transport, kind)]
            cells.append(f'{sum(n in found for n in mine)}/{len(mine)}')
        lines.append(f'| {kind} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines + ['', f'{len(found)} of {len(cases)} combinations.', ''])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gnomon', required=True)
    p.add_argument('--signatures', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'signatures'))
    p.add_argument('--sample', type=int, default=1)
    p.add_argument('--keep')
    p.add_argument('--write')
    p.add_argument('--check')
    a = p.parse_args()
    card, key, marker = run.planted()
    text = f'Card number: {card}, key: {key}, note: {marker} end.'
    cases = dict(cases_of(a.sample))
    failed = False
    with tempfile.TemporaryDirectory() as sent, tempfile.TemporaryDirectory() as folder:
        sent, folder = a.keep or sent, a.keep or folder
        captures, keys = write_captures(sent, cases, text)
        local = os.path.join(sent, 'detectors')
        os.makedirs(local, exist_ok=True)
        with open(os.path.join(local, 'marker.yaml'), 'w') as f:
            f.write(DETECTOR)
        db, events = os.path.join(folder, 'g.db'), os.path.join(folder, 'events.json')
        r = subprocess.run([a.gnomon, 'replay', '--db', db, '--events', events, '--keylog', keys, '--signatures', a.signatures,
                            '--set', 'content.local_detectors=' + local] + captures, capture_output=True)
        if r.returncode != 0:
            print(f'replay: exit {r.returncode}', r.stderr.decode('utf-8', 'replace')[-2000:])
            return 1
        got = {}
        with open(events, 'rb') as f:
            for line in f:
                if b'"finding"' not in line:
                    continue
                e = json.loads(line)
                if e['event_type'] == 'finding':
                    number = [int(x) for x in e['src_ip'].split('.')]
                    got.setdefault(number[2] * 256 + number[3], set()).add(e['gnomon']['detector'])
        found = {number for number in cases if WANTED <= got.get(number, set())}
        for number, case in cases.items():
            if number not in found:
                failed = True
                print('MISSED', *case, sorted(WANTED - got.get(number, set())))
        for transport in TRANSPORTS:
            mine = [number for number, case in cases.items() if case[0] == transport]
            print(f'{transport}: {sum(n in found for n in mine)} of {len(mine)}')
        # Nothing of what was planted stands in what was written, in no spelling.
        secrets = [marker, key, card, card.replace(' ', ''), key[4:]]
        written = {n: open(os.path.join(folder, n), 'rb').read() for n in sorted(os.listdir(folder))
                   if os.path.isfile(os.path.join(folder, n)) and n not in ('keys.txt', *(t + '.pcap' for t in TRANSPORTS))}
        written.update({'standard output': r.stdout, 'standard error': r.stderr})
        for name, data in written.items():
            for secret in secrets:
                if secret.encode() in data or secret.encode('utf-16-le') in data:
                    failed = True
                    print(f'LEAKED {secret[:4]}... in {name}')
        print(f'looked for planted values in {len(written)} outputs')
    table = table_of(cases, found)
    for path in filter(None, (a.write, a.check)):
        failed |= not run.put_table(path, 'transports', table, path == a.write)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
