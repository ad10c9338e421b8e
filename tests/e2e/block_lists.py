#!/usr/bin/env python3
"""Exports block lists of a real inventory and lets the programs that read them say what they think.

usage: block_lists.py --gnomon BIN

named-checkzone, suricata -T, nft -c and squid -k parse are asked where they are installed; those
that are not are named. Exits 77 when none is. Besides: the same inventory gives the same bytes, and
names of the capture that are hostile reach no list.
"""
import argparse
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CAPTURES = ('pcaps/browser/chat-tcp.pcap', 'pcaps/browser/chat-quic.pcap', 'pcaps/coding/assistants.pcap',
            'pcaps/api/openssl-tls12.pcap', 'pcaps/dns/records.pcap')
FORMATS = ('edl', 'edl-url', 'edl-ip', 'rpz', 'suricata', 'nftables', 'squid', 'hosts', 'defender', 'fortigate')

failures = []


def check(good, what):
    if not good:
        failures.append(what)
        print('FAILED:', what)


def tool(name):
    for folder in ('', '/usr/sbin', '/sbin'):
        found = shutil.which(os.path.join(folder, name) if folder else name)
        if found:
            return found
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    asked, missing = 0, []
    with tempfile.TemporaryDirectory() as folder:
        def run(*words, code=0):
            done = subprocess.run([gnomon, *words], cwd=folder, capture_output=True, text=True, timeout=120)
            check(done.returncode == code, f'gnomon {" ".join(words)}: exit {done.returncode}: {done.stderr[-400:]}')
            return done

        run('replay', *[os.path.join(ROOT, each) for each in CAPTURES])
        empty = run('export', 'edl')
        check(empty.stdout == '' and 'nothing to block' in empty.stderr, 'nothing is blocked before a decision')
        lists = {}
        for name in FORMATS:
            extra = ['--zone', 'rpz.test'] if name == 'rpz' else []
            for again in (0, 1):
                done = run('export', name, '--status', 'any', '-o', f'{name}.{again}', '--include-shared', *extra)
            lists[name] = open(os.path.join(folder, f'{name}.0'), 'rb').read()
            check(lists[name] == open(os.path.join(folder, f'{name}.1'), 'rb').read(), f'{name}: the same every time')
            check(len(lists[name]) > 0, f'{name}: holds something')
            check(all(32 <= b < 127 or b in (10, 13) for b in lists[name]), f'{name}: is plain text')
        for name in ('edl', 'edl-url'):
            for line in lists[name].decode().splitlines():
                check(re.fullmatch(r'(\*\.)?([a-z0-9_-]+\.)+[a-z0-9-]+/?', line) and len(line) <= 255, f'{name}: {line}')
            check(os.path.exists(os.path.join(folder, f'{name}.0.explain.json')), f'{name}: explained beside')
        for line in lists['edl-ip'].decode().splitlines():
            check(re.match(r'^[0-9a-f.:]+/(32|128) # .', line), f'edl-ip: {line}')
        rows = list(csv.reader(io.StringIO(lists['defender'].decode())))
        check(all(len(row) == 12 for row in rows) and rows[1][0] == 'DomainName', 'defender: twelve columns')
        explained = json.loads(open(os.path.join(folder, 'edl.0.explain.json')).read())
        check(any(entry['seen']['clients'] > 0 for entry in explained['entries']), 'what was seen is explained')

        refused = run('export', 'edl', '--status', 'any')
        check('left out: ' in refused.stderr, 'what others use is named')
        quiet = run('export', 'hosts', '--status', 'any', '--explain', 'why.json', '--no-clients')
        why = json.loads(open(os.path.join(folder, 'why.json')).read())
        check('client_addresses' not in json.dumps(why), 'no clients are named')
        check(quiet.stdout.count('0.0.0.0 ') > 0, 'hosts has lines')
        run('group', 'set', 'few', '10.20.0.10', '10.20.0.11')
        for name in ('rpz', 'nftables', 'suricata', 'squid'):
            quiet = run('export', name, '--status', 'any', '--group', 'few', '--explain', 'why.json', '--no-clients')
            why = json.loads(open(os.path.join(folder, 'why.json')).read())
            check(why['clients'] == 'clients of few', f'{name}: the group has its name')
            check('10.20.0.1' not in quiet.stdout + json.dumps(why), f'{name}: members are clients')

        where = {name: os.path.join(folder, f'{name}.0') for name in FORMATS}
        if (program := tool('named-checkzone')):
            asked += 1
            done = subprocess.run([program, 'rpz.test', where['rpz']], capture_output=True, text=True)
            check(done.returncode == 0, 'named-checkzone: ' + done.stdout + done.stderr)
        else:
            missing.append('named-checkzone')
        if (program := tool('nft')):
            done = subprocess.run([program, '-c', '-f', where['nftables']], capture_output=True, text=True)
            if 'Operation not permitted' in done.stderr:
                missing.append('nft (not permitted here)')
            else:
                asked += 1
                check(done.returncode == 0, 'nft: ' + done.stderr)
        else:
            missing.append('nft')
        if (program := tool('squid')):
            asked += 1
            config = os.path.join(folder, 'squid.conf')
            open(config, 'w').write(f'http_port 3128\ninclude {where["squid"]}\nhttp_access deny all\n')
            done = subprocess.run([program, '-k', 'parse', '-f', config], capture_output=True, text=True)
            check(done.returncode == 0 and 'ERROR' not in done.stderr and 'WARNING' not in done.stderr.replace(
                'WARNING: HTTP requires the use of Via', ''), 'squid: ' + done.stderr[-800:])
        else:
            missing.append('squid')
        if (program := tool('suricata')):
            asked += 1
            logs = os.path.join(folder, 'logs')
            os.mkdir(logs)
            done = subprocess.run([program, '-T', '-S', where['suricata'], '-l', logs], capture_output=True, text=True, timeout=120)
            said = done.stdout + done.stderr
            check(done.returncode == 0 and 'Error' not in said, 'suricata: ' + said[-800:])
        else:
            missing.append('suricata')
    if missing:
        print('skipped, as they are not here:', ', '.join(missing))
    if failures:
        return 1
    if asked == 0:
        print('skipped: none of the programs that read the lists is here')
        return 77
    print(f'block lists: {len(FORMATS)} formats, asked {asked} programs')
    return 0


if __name__ == '__main__':
    sys.exit(main())
