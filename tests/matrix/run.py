#!/usr/bin/env python3
"""Plants a card number, a key and a marker in every kind of file, packs it in every way that bodies
are sent, and looks whether all three come out.

usage: run.py --dump dump_parts [--gnomon gnomon --signatures DIR] [--write docs/format-matrix.md]
              [--check docs/format-matrix.md]

dump_parts prints what the body reader tells. With --gnomon every file is classified too: the card
number and the key must be found by their detectors.
"""
import argparse, base64, json, os, random, re, string, subprocess, sys, tempfile, urllib.parse, zlib, gzip
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from containers import CONTAINERS


def planted():
    """Made anew in every run, from a fixed seed: no such value lies in a file of the project."""
    rng = random.Random(20240101)
    digits = [4, 5, 3, 2] + [rng.randrange(10) for _ in range(11)]
    total = sum(d if i % 2 else (d * 2 - 9 if d * 2 > 9 else d * 2) for i, d in enumerate(digits))
    card = ''.join(map(str, digits + [(10 - total % 10) % 10]))
    card = ' '.join(card[i:i + 4] for i in range(0, 16, 4))
    key = 'AKIA' + ''.join(rng.choice(string.ascii_uppercase + '234567') for _ in range(16))
    marker = 'MARKER-' + ''.join(rng.choice(string.ascii_uppercase) for _ in range(12))
    return card, key, marker


def brotli(data):
    return subprocess.run(['brotli', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


def zstd(data):
    return subprocess.run(['zstd', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


def raw_deflate(data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


CODINGS = [('none', '', lambda d: d), ('gzip', 'gzip', gzip.compress), ('deflate', 'deflate', zlib.compress),
           ('bare deflate', 'deflate', raw_deflate), ('br', 'br', brotli), ('zstd', 'zstd', zstd),
           ('gzip in br', 'gzip, br', lambda d: brotli(gzip.compress(d)))]


def form(name, data):
    return (f'--xYz\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--xYz\r\nContent-Disposition: '
            f'form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n').encode() + data + b'\r\n--xYz--\r\n'


def related(name, data):
    return (f'--xYz\r\nContent-Type: application/json\r\n\r\n{{"name":"{name}"}}\r\n--xYz\r\nContent-Type: application/octet-stream\r\n'
            f'Content-Transfer-Encoding: base64\r\n\r\n').encode() + base64.encodebytes(data) + b'\r\n--xYz--\r\n'


def chat(name, data):
    return json.dumps({'model': 'm', 'messages': [{'role': 'user', 'content': [
        {'type': 'text', 'text': 'look at this'},
        {'type': 'file', 'file': {'filename': name, 'file_data': 'data:application/octet-stream;base64,' + base64.b64encode(data).decode()}}]}]}).encode()


def inline(name, data):
    return json.dumps({'contents': [{'role': 'user', 'parts': [{'inlineData': {
        'mimeType': 'application/octet-stream', 'data': base64.b64encode(data).decode()}}]}]}).encode()


DELIVERIES = [('PUT', 'file', lambda n, d: d), ('form', 'multipart/form-data; boundary=xYz', form),
              ('related, base64', 'multipart/related; boundary=xYz', related),
              ('data URI in JSON', 'application/json', chat), ('base64 in JSON', 'application/json', inline)]


def put_table(path, name, table, write):
    """Writes the table into its place in a document, or says whether it stands there as it is."""
    with open(path) as f:
        document = f.read()
    begin, end = f'<!-- {name}: made by a script -->\n', f'<!-- end of {name} -->\n'
    at, to = document.find(begin), document.find(end)
    if at < 0 or to < at:
        print(f'{path} has no place for the table {name}')
        return False
    made = document[:at] + begin + '\n' + table + '\n' + document[to:]
    if write:
        with open(path, 'w') as f:
            f.write(made)
    elif made != document:
        print(f'{path}: the table {name} is not what this run says: run with --write')
        return False
    return True


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--dump', required=True)
    p.add_argument('--gnomon')
    p.add_argument('--signatures', default=os.path.join(os.path.dirname(__file__), '..', '..', 'signatures'))
    p.add_argument('--write')
    p.add_argument('--check')
    a = p.parse_args()
    card, key, marker = planted()
    text = f'Card number: {card}, key: {key}, note: {marker} end.'
    wanted = [re.sub(r'\s', '', w) for w in (card, key, marker)]
    missed = []
    cells = {}
    found_by = {}
    with tempfile.TemporaryDirectory() as folder:
        arguments, cases = [], []
        plain = {}
        for kind, (name, make) in CONTAINERS.items():
            data = make(text)
            plain[kind] = os.path.join(folder, f'plain{len(plain)}-' + name)
            with open(plain[kind], 'wb') as f:
                f.write(data)
            for way, media, wrap in DELIVERIES:
                body = wrap(name, data)
                for coding, field, encode in CODINGS:
                    path = os.path.join(folder, f'{len(cases)}')
                    with open(path, 'wb') as f:
                        f.write(encode(body))
                    arguments += ['--type', media, '--encoding', field, path]
                    cases.append((kind, way, coding, path))
        output = b''
        for at in range(0, len(arguments), 1000):
            r = subprocess.run([a.dump] + arguments[at:at + 1000], stdout=subprocess.PIPE)
            if r.returncode != 0:
                print(f'dump_parts: exit {r.returncode}')
                return 1
            output += r.stdout
        told = {}
        for block in output.decode('utf-8', 'replace').split("\n<file '")[1:]:
            path, _, rest = block.partition("'>\n")
            told[path] = re.sub(r'\s', '', re.sub(r'\n</?(part|role|break)[^\n]*>\n', '', rest))
        for kind, way, coding, path in cases:
            ok = all(w in told.get(path, '') for w in wanted)
            cells[(kind, way, coding)] = ok
            if not ok:
                missed.append((kind, way, coding, [w for w in wanted if w not in told.get(path, '')]))
        if a.gnomon:
            for kind, path in plain.items():
                r = subprocess.run([a.gnomon, 'classify', '--json', '--signatures', a.signatures, path], stdout=subprocess.PIPE)
                got = {f['detector'] for f in json.loads(r.stdout or b'{}').get('findings', [])}
                found_by[kind] = {'credit-card', 'aws-access-key'} <= got
                if not found_by[kind]:
                    missed.append((kind, 'classify', '', sorted(got)))
    for m in missed:
        print('MISSED', *m)
    whole = sum(cells.values())
    lines = ['| file | ' + ' | '.join(w for w, _, _ in DELIVERIES) + ' | `gnomon classify` |',
             '| --- |' + ' --- |' * (len(DELIVERIES) + 1)]
    for kind in CONTAINERS:
        row = []
        for way, _, _ in DELIVERIES:
            n = sum(cells[(kind, way, c)] for c, _, _ in CODINGS)
            row.append(f'{n}/{len(CODINGS)}')
        row.append('found' if found_by.get(kind) else 'not found' if a.gnomon else '')
        lines.append(f'| {kind} | ' + ' | '.join(row) + ' |')
    lines += ['', f'{whole} of {len(cells)} combinations.']
    table = '\n'.join(lines) + '\n'
    print(f'{whole} of {len(cells)} combinations; classify {sum(found_by.values())} of {len(found_by)} files')
    for path in filter(None, (a.write, a.check)):
        if not put_table(path, 'bodies', table, path == a.write):
            return 1
    return 0 if not missed else 1


if __name__ == '__main__':
    sys.exit(main())
