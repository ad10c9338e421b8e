#!/usr/bin/env python3
"""Makes lists of ordinary names from lists that were not made for us.

usage: collect.py transport_security_state_static.json   makes ordinary-names.txt.gz
       collect.py --routed FOLDER                         makes routed-names.txt.gz

The first is Chromium's HSTS preload list (BSD licence), the names that asked to be on it: net/http in
Chromium's source, as Debian packages it (apt-get source --download-only chromium). The second is the
folder data of v2fly/domain-list-community (MIT licence), the names that people route apart; what its
lists of AI hold, and what lies under it, is left out.

Only registrable names are kept; American authorities, whom a rule puts on the preload list, are thinned
out, and that list is sampled, in an order that depends on the names alone. Some belong to AI all the
same: train.py leaves out names of apps in the catalogue and names with "gpt".
"""
import gzip
import hashlib
import os
import re
import sys

import names

KEPT = 60000


def routed(folder):
    rules, ai = {}, set()
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            rules[name] = [line.split('#')[0].split() for line in file]

    def follow(name):
        if name in rules and name not in ai:
            ai.add(name)
            for words in rules[name]:
                if words and words[0].startswith('include:'):
                    follow(words[0][8:])

    for name in rules:
        if name.startswith('category-ai'):
            follow(name)
    of_ai, hosts = set(), set()
    for name, lines in rules.items():
        for words in lines:
            host = re.sub('^(domain|full):', '', words[0]).lower() if words else ''
            if re.fullmatch(r'[a-z0-9-]+(\.[a-z0-9-]+)+', host):
                (of_ai if name in ai else hosts).add(host)
    kept = set()
    for host in hosts:
        labels = host.split('.')
        before, label, kind, suffix = names.split(host)
        if kind != 'host' and label and len(label) <= names.LABEL_BYTES_MAX and 'xn--' not in host and not any(
                '.'.join(labels[i:]) in of_ai for i in range(len(labels))):
            kept.add(label + '.' + suffix)
    write('routed-names.txt.gz', "Names in v2fly's domain lists, but for those of AI (collect.py)", sorted(kept))


def write(file_name, title, hosts):
    with open(os.path.join(names.FOLDER, file_name), 'wb') as raw, \
            gzip.GzipFile(fileobj=raw, mode='wb', mtime=0, filename='') as out:
        out.write(f'# {title}\n'.encode())
        out.write(''.join(host + '\n' for host in hosts).encode())
    print(len(hosts), 'names')


def main():
    if sys.argv[1] == '--routed':
        return routed(sys.argv[2])
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
    write('ordinary-names.txt.gz', 'Names on the HSTS preload list of Chromium 150 (collect.py)', hosts)


if __name__ == '__main__':
    main()
