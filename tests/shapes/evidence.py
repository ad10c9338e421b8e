#!/usr/bin/env python3
"""Measures on replayed traffic how well all evidence together tells AI that no list knows (docs/shadow.md).

usage: evidence.py --gnomon BIN --held-out FOLDER [--ordinary N] [--streamed SHARE] [--write FILE] [--misses]

FOLDER is what signatures/shadow/train.py --hold-out has made: a model of names and names it never saw.
Every name becomes a host: one to three connections to it are taken from pcaps/shapes (of seed 2, on
which nothing was tuned), with its name in the hello in place of the recorded one, sizes and times as
they were. A host of AI streams an answer in each connection with probability SHARE, and behaves as
ordinary traffic otherwise; ordinary hosts always do. The catalogue is left empty, so that all are
unknown; aliases, certificates and APIs, which would all speak for AI, are not there.
"""
import argparse
import collections
import glob
import io
import json
import math
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..')
sys.path.insert(0, os.path.join(HERE, '..', 'matrix'))
import quic
from evaluate import interval

SESSION = re.compile(rb'([so])\d\d-\w+\.shapes\.example')
PACKETS_MAX = 1500  # of a connection: longer ones are downloads and video, and none is cut that is not


def connections(path):
    """[(protocol, [(time, to_server, sequence, acknowledged, flags, payload)])] of a capture by Ethernet and IP."""
    data = subprocess.run(['zstd', '-dc', path], check=True, capture_output=True).stdout
    nano = struct.unpack('<I', data[:4])[0] == 0xa1b23c4d
    flows, at = collections.OrderedDict(), 24
    while at + 16 <= len(data):
        seconds, fraction, size, _ = struct.unpack('<IIII', data[at:at + 16])
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        time = seconds + fraction / (1e9 if nano else 1e6)
        if frame[12:14] != b'\x08\0':
            continue
        ip = frame[14:]
        # Frames were cut when they were recorded: what is missing is filled up.
        ip = ip[:struct.unpack('>H', ip[2:4])[0]].ljust(struct.unpack('>H', ip[2:4])[0], b'\0')
        head = (ip[0] & 15) * 4
        protocol, source, target = ip[9], ip[12:16], ip[16:20]
        if protocol not in (6, 17):
            continue
        ports = struct.unpack('>HH', ip[head:head + 4])
        if protocol == 6:
            sequence, acknowledged = struct.unpack('>II', ip[head + 4:head + 12])
            flags, payload = ip[head + 13], ip[head + (ip[head + 12] >> 4) * 4:]
        else:
            sequence, acknowledged, flags, payload = 0, 0, 0, ip[head + 8:]
        ends = ((source, ports[0]), (target, ports[1]))
        key = (protocol,) + tuple(sorted(ends))
        flow = flows.setdefault(key, {'client': ends[0], 'packets': []})
        flow['packets'].append((time, ends[0] == flow['client'], sequence, acknowledged, flags, payload))
    return [(key[0], flow['packets']) for key, flow in flows.items()]


def shapes(seed):
    """{'s': [...], 'o': [...]}: connections of streams and of other traffic, with the hello's bytes counted."""
    found = {'s': [], 'o': []}
    for path in sorted(glob.glob(os.path.join(ROOT, 'pcaps', 'shapes', f'*-{seed}.pcap.zst'))):
        kind = 's' if os.path.basename(path).startswith('streams') else 'o'
        for protocol, packets in connections(path):
            if len(packets) > PACKETS_MAX or len(packets) < 8:
                continue
            if protocol == 6:
                first = b''.join(p[5] for p in packets[:20] if p[1])
                if first[:1] != b'\x16' or not SESSION.search(first):
                    continue
                found[kind].append((6, 5 + struct.unpack('>H', first[3:5])[0], packets))
            elif packets[0][1] and len(packets[0][5]) >= 1200:
                found[kind].append((17, 0, packets))
    return found


class Writer:
    def __init__(self, path):
        self.out = open(path, 'wb')
        self.out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        self.now, self.frames = 1704067200.0, 0

    def frame(self, time, source, target, protocol, body, kept):
        self.frames += 1
        ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(body), self.frames & 0xffff, 0, 64, protocol, 0, source, target)
        packet = b'\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0' + ip + body
        self.out.write(struct.pack('<IIII', int(time), int(time % 1 * 1e6), min(kept, len(packet)), len(packet)) + packet[:kept])

    def connection(self, number, host, shape):
        protocol, hello_bytes, packets = shape
        client = bytes((10, number >> 16 & 255, number >> 8 & 255, number & 255))
        server = bytes((198, 18 + (number >> 16 & 1), number >> 8 & 255, number & 255))
        base, first = self.now, packets[0][0]
        bare = quic.client_hello(host, bytes(32))
        hello = b'\x16\3\1' + struct.pack('>H', len(bare)) + bare
        shift, skipped, start = 0, hello_bytes, {}
        seen = collections.Counter()
        for time, to_server, sequence, acknowledged, flags, payload in packets:
            self.now = base + (time - first)
            ends = (client, server) if to_server else (server, client)
            seen[to_server] += 1
            if protocol == 17:
                if seen[to_server] == 1 and to_server:
                    payload = quic.connection(host, host, '/', '', '', b'')[0][0][1]
                ports = (40000 + number % 20000, 443) if to_server else (443, 40000 + number % 20000)
                body = struct.pack('>HHHH', *ports, 8 + len(payload), 0) + payload
            else:
                start.setdefault(to_server, sequence)
                offset = sequence - start[to_server] & 0xffffffff
                if to_server and payload and skipped:
                    taken = min(skipped, len(payload))
                    before = skipped == hello_bytes
                    skipped -= taken
                    kept = (hello if before else b'') + payload[taken:]
                    moved = shift
                    shift += len(kept) - len(payload)
                    offset, payload = offset + moved, kept
                elif to_server:
                    offset += shift
                answered = acknowledged - start.get(not to_server, acknowledged) + (0 if to_server else shift) & 0xffffffff
                ports = (20000 + number % 20000, 443) if to_server else (443, 20000 + number % 20000)
                body = struct.pack('>HHIIBBHHH', *ports, 1000 + offset & 0xffffffff, 1000 + answered & 0xffffffff,
                                   0x50, flags, 65535, 0, 0) + payload
            self.frame(self.now, *ends, protocol, body, 65535 if seen[to_server] < 12 else 96)
        self.now += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    parser.add_argument('--held-out', required=True)
    parser.add_argument('--ordinary', type=int, default=0)
    parser.add_argument('--streamed', type=float, default=0.7)
    parser.add_argument('--seed', type=int, default=2)
    parser.add_argument('--write')
    parser.add_argument('--misses', action='store_true')
    options = parser.parse_args()
    rng = random.Random(7)
    hosts = {name: open(os.path.join(options.held_out, f'{name}.txt')).read().split() for name in ('ai', 'ordinary')}
    if options.ordinary:
        hosts['ordinary'] = rng.sample(hosts['ordinary'], options.ordinary)
    taken = shapes(options.seed)
    print(f'{len(taken["s"])} connections with streams, {len(taken["o"])} others; '
          f'{len(hosts["ai"])} hosts of AI, {len(hosts["ordinary"])} ordinary ones')
    with tempfile.TemporaryDirectory() as folder:
        signatures = os.path.join(folder, 'signatures')
        os.mkdir(signatures)
        for name in ('shared-hosts.yaml', 'vocabulary.yaml', 'sources.yaml', 'clients.yaml', 'risk.yaml', 'anomalies.yaml'):
            shutil.copy(os.path.join(ROOT, 'signatures', name), signatures)
        shutil.copytree(os.path.join(ROOT, 'signatures', 'shadow'), os.path.join(signatures, 'shadow'))
        shutil.copy(os.path.join(options.held_out, 'name-model.tsv'), os.path.join(signatures, 'shadow'))
        capture = options.write or os.path.join(folder, 'evidence.pcap')
        writer, number = Writer(capture), 0
        order = [(host, kind) for kind in hosts for host in hosts[kind]]
        rng.shuffle(order)
        for host, kind in order:
            for _ in range(rng.randint(1, 3)):
                number += 1
                streams = kind == 'ai' and rng.random() < options.streamed
                writer.connection(number, host, rng.choice(taken['s' if streams else 'o']))
        writer.out.close()
        done = subprocess.run([options.gnomon, 'replay', '--db', os.path.join(folder, 'g.db'), '--events', '-', '--signatures', signatures,
                               '--local-signatures', '', '--no-content', capture], capture_output=True, timeout=3600)
        if done.returncode != 0:
            sys.exit(f'replay: exit code {done.returncode}: {done.stderr.decode("utf-8", "replace")[-1000:]}')
    told, seen = {}, set()
    for line in io.BytesIO(done.stdout):
        if b'"candidate"' in line:
            event = json.loads(line)
            if event['event_type'] == 'candidate':
                told[event['gnomon']['host']] = event['gnomon']
        elif b'"flow"' in line:
            seen.add(json.loads(line).get('gnomon', {}).get('host'))
    ai, ordinary = set(hosts['ai']), set(hosts['ordinary'])
    print(f'{number} connections; hosts seen: {len(seen & (ai | ordinary))} of {len(ai | ordinary)}')
    right, false = set(told) & ai, set(told) & ordinary
    print('recall                  ', interval(len(right), len(ai)))
    print('ordinary hosts told     ', interval(len(false), len(ordinary)))
    print('precision               ', interval(len(right), len(right) + len(false)), f'at 1 host of AI to {len(ordinary) / len(ai):.0f} others')
    under = {host for host in false if host.endswith('.ai') or 'gpt' in host}
    print('  without ordinary names under .ai or with "gpt", most of which are AI:',
          interval(len(right), len(right) + len(false - under)))
    share, quiet = len(right) / len(ai), len(false - under) / len(ordinary)
    for others in (10, 50, 100):
        print(f'  at 1 to {others}: {100 * share / (share + others * quiet):.1f} %')
    for kind in ('name', 'stream'):
        print(f'told with {kind}: {sum(any(r.startswith(kind) for r in told[h]["reasons"]) for h in right)} of {len(right)} right, '
              f'{sum(any(r.startswith(kind) for r in told[h]["reasons"]) for h in false)} of {len(false)} false')
    if options.misses:
        for host in sorted(false):
            print('false:', host, told[host]['score'], told[host]['reasons'])


if __name__ == '__main__':
    main()
