#!/usr/bin/env python3
"""Makes ordinary-names.txt.gz from a list that was not made for us: the names that asked to be in
Chromium's HSTS preload list (BSD licence), net/http/transport_security_state_static.json in
Chromium's source, as Debian packages it: apt-get source --download-only chromium.

usage: collect.py transport_security_state_static.json

Only registrable names are kept; American authorities, whom a rule puts on the list, are thinned out.
The names are a sample in an order that depends on them alone. Some belong to AI: names of apps in the
catalogue, names under .ai and names with "gpt" are left out of training by train.py.
"""
import gzip
import hashlib
import os
import re
import sys

import names

KEPT = 60000


def main():
    text = open(sys.argv[1], encoding='utf-8').read()
    text = '\n'.join(line for line in text.split('\n') if not line.strip().startswith('//'))
    hosts = set()
    for host in re.findall(r'"name":\s*"([^"]+)"', text):
        if not re.fullmatch(r'[a-z0-9-]+(\.[a-z0-9-]+)+', host) or host.startswith('xn--'):
            continue
        before, label, kind, suffix = names.split(host)
        if kind == 'host' or before:
            host = label + '.' + suffix
        hosts.add(host)
    order = lambda host: hashlib.sha256(b'ordinary ' + host.encode()).digest()
    hosts = [host for host in hosts if not host.endswith('.gov') or order(host)[0] < 13]
    hosts = sorted(sorted(hosts, key=order)[:KEPT])
    path = os.path.join(names.FOLDER, 'ordinary-names.txt.gz')
    with open(path, 'wb') as raw, gzip.GzipFile(fileobj=raw, mode='wb', mtime=0, filename='') as out:
        out.write(b'# Names on the HSTS preload list of Chromium 150 (collect.py)\n')
        out.write(''.join(host + '\n' for host in hosts).encode())
    print(len(hosts), 'names')


if __name__ == '__main__':
    main()
