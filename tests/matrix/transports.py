#!/usr/bin/env python3
"""Sends planted values through every transport in clear, replays the captures, and looks for the
findings; then looks for the values themselves in everything that was written: none may be there.

usage: transports.py --gnomon BIN [--signatures DIR] [--keep FOLDER]
"""
import argparse, json, os, subprocess, sys, tempfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture, run
from containers import CONTAINERS


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--gnomon', required=True)
    p.add_argument('--signatures', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'signatures'))
    p.add_argument('--keep')
    a = p.parse_args()
    card, key, marker = run.planted()
    text = f'Card number: {card}, key: {key}, note: {marker} end.'
    wanted = {'credit-card', 'aws-access-key'}
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = a.keep or folder
        cases = {}
        for transport in ('http1', 'http1_chunked', 'http2', 'websocket'):
            path = os.path.join(folder, transport + '.pcap')
            out = capture.Capture(path)
            for kind, (name, make) in CONTAINERS.items():
                data = make(text)
                for way, media, wrap in run.DELIVERIES:
                    if transport == 'websocket':
                        if media not in ('application/json', 'file'):
                            continue
                        turns_of = [('', lambda d: d)]
                    else:
                        # Every coding once somewhere, not everywhere: run.py does that.
                        index = len(cases)
                        turns_of = [run.CODINGS[index % len(run.CODINGS)][1:]]
                    for field, encode in turns_of:
                        number = len(cases)
                        host = f'c{number}.example.test'
                        cases[host] = (transport, kind, way, field)
                        body = encode(wrap(name, data))
                        if transport == 'websocket':
                            turns = capture.websocket(host, '/ws', [(way != 'PUT', wrap(name, data))])
                        else:
                            put = way == 'PUT'
                            make_turns = getattr(capture, transport)
                            turns = make_turns(host, '/store/' + name.replace(' ', '') if put else '/v1/x',
                                               'application/octet-stream' if put else media, field, body,
                                               'PUT' if put else 'POST')
                        out.connection(number, turns)
            out.close()
        db, events = os.path.join(folder, 'g.db'), os.path.join(folder, 'events.json')
        captures = [os.path.join(folder, t + '.pcap') for t in ('http1', 'http1_chunked', 'http2', 'websocket')]
        r = subprocess.run([a.gnomon, 'replay', '--db', db, '--events', events, '--signatures', a.signatures] + captures,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if r.returncode != 0:
            print(f'replay: exit {r.returncode}', r.stderr.decode('utf-8', 'replace')[-2000:])
            return 1
        client_of = {}
        got = {}
        with open(events, 'rb') as f:
            for line in f:
                e = json.loads(line)
                if e.get('event_type') == 'finding':
                    number = int(e['src_ip'].split('.')[2]) * 256 + int(e['src_ip'].split('.')[3])
                    got.setdefault(f'c{number}.example.test', set()).add(e['gnomon']['detector'])
        total, ok = {}, {}
        for host, (transport, kind, way, field) in cases.items():
            total[transport] = total.get(transport, 0) + 1
            if wanted <= got.get(host, set()):
                ok[transport] = ok.get(transport, 0) + 1
            else:
                failed = True
                print('MISSED', transport, kind, way, field or 'none', sorted(got.get(host, set())))
        for transport in total:
            print(f'{transport}: {ok.get(transport, 0)} of {total[transport]}')
        # Nothing of what was planted stands in what was written, in no spelling.
        secrets = [marker, key, card, card.replace(' ', ''), key[4:]]
        written = [os.path.join(folder, n) for n in os.listdir(folder) if not n.endswith('.pcap')]
        for path in written:
            data = open(path, 'rb').read()
            for secret in secrets:
                for spelling in (secret.encode(), secret.encode('utf-16-le')):
                    if spelling in data:
                        failed = True
                        print(f'LEAKED {secret[:4]}... in {os.path.basename(path)}')
        for stream in (r.stdout, r.stderr):
            for secret in secrets:
                if secret.encode() in stream:
                    failed = True
                    print('LEAKED in the output of replay')
        print(f'no planted value in {len(written)} files' if not failed else 'failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
