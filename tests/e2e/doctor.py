#!/usr/bin/env python3
"""Makes the faults of bad mirrors, cards and clocks out of healthy captures, and asks the doctor.

usage: doctor.py --gnomon BIN

Every fault must be named, and besides it only what follows from it (as said below). On the captures
as they are nothing may be named. The verdict must be the same for one worker and four, and a replay
must keep what the doctor says.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
from break_capture import break_capture  # noqa: E402

# An hour of an office: plain Ethernet, every connection whole.
OFFICE = ['browser/chat-tcp', 'browser/ordinary', 'browser/chat-quic', 'api/curl-tls13', 'api/openssl-tls12',
          'sdk/openai', 'sdk/anthropic', 'sdk/google', 'models/huggingface', 'models/ollama-registry',
          'coding/assistants', 'unknown/lumenwrite', 'unknown/controls', 'dns/records', 'local/ollama',
          'local/openai-compatible']
SMALL = ['browser/chat-tcp', 'api/curl-tls13', 'sdk/anthropic']

# fault, captures, what must be named, what may be named besides as it follows from it
CASES = [
    ('none', OFFICE, set(), set()),
    ('no-drops', OFFICE, set(), set()),
    ('only-to-server', OFFICE, {'one-sided'}, set()),
    # Who sees servers alone sees no hello and no question.
    ('only-to-client', OFFICE, {'one-sided'}, {'few-names'}),
    ('half-the-servers-answers', OFFICE, {'one-sided'}, set()),
    ('duplicates', OFFICE, {'duplicates'}, set()),
    ('duplicates-of-two-vlans', OFFICE, {'duplicates'}, set()),
    ('loss', OFFICE, {'gaps'}, {'few-names'}),
    ('merged', OFFICE, {'merged-frames'}, set()),
    ('snap-length', OFFICE, {'snap-length'}, {'few-names'}),
    ('vlan-per-direction', OFFICE, {'vlan-per-direction'}, set()),
    ('unknown-gre', OFFICE, {'tunnel-not-decoded'}, set()),
    ('vxlan-on-another-port', OFFICE, {'tunnel-not-decoded'}, set()),
    ('unknown-ethertype', OFFICE, {'tunnel-not-decoded'}, set()),
    ('clock-set-back', OFFICE, {'clock'}, set()),
    ('clock-per-direction', OFFICE, {'clock'}, {'few-names', 'no-dns'}),
    ('clock-not-set', OFFICE, {'clock'}, set()),
    ('clock-ahead', OFFICE, {'clock'}, set()),
    ('card-drops', OFFICE, {'card-drops'}, set()),
    ('kernel-drops', OFFICE, {'kernel-drops'}, set()),
    ('sensor-drops', OFFICE, {'sensor-drops'}, set()),
    ('no-dns', OFFICE, {'no-dns'}, set()),
    ('joined-late', OFFICE, {'few-names'}, {'no-dns'}),
    ('none', OFFICE + ['ech/real'], {'hidden-names'}, set()),
    ('no-traffic', OFFICE[:1], {'no-traffic'}, set()),
    ('wrong-interface', OFFICE[:1], {'wrong-interface'}, set()),
] + [(fault, [name], {check}, set()) for name in SMALL for fault, check in (
    ('only-to-server', 'one-sided'), ('only-to-client', 'one-sided'), ('duplicates', 'duplicates'),
    ('merged', 'merged-frames'), ('snap-length', 'snap-length'), ('vlan-per-direction', 'vlan-per-direction'),
    ('unknown-gre', 'tunnel-not-decoded'), ('clock-set-back', 'clock'), ('kernel-drops', 'kernel-drops'))]

# The project's captures that are made to show a fault; all others show none.
SICK = {'link/span-duplicates': {'duplicates'}, 'link/to-server-only': {'one-sided'},
        'link/to-client-only': {'one-sided'}, 'link/vlan-asymmetric': {'vlan-per-direction'},
        'ech/real': {'hidden-names'}, 'file/two-interfaces': {'snap-length'},
        'names/awkward': {'one-sided'},
        # Of a router's "any" device, which saw everything twice and missed a few packets.
        'link/cooked': {'duplicates', 'gaps'},
        # Servers that are asked by name, and nobody asked for their names.
        'self-hosted/look-alikes': {'no-dns'}}


def doctor(gnomon, path, workers=1):
    done = subprocess.run([gnomon, 'doctor', '--format', 'json', '--workers', str(workers), path],
                          capture_output=True, text=True, timeout=60, cwd=ROOT)
    if done.returncode not in (0, 3):
        return {'exit ' + str(done.returncode), done.stderr.strip()}, done.stdout
    told = json.loads(done.stdout)
    named = {fault['check'] for fault in told['faults']}
    if (done.returncode == 3) != bool(named):
        named.add('exit code %d' % done.returncode)
    for fault in told['faults']:
        if not all(fault.get(key) for key in ('evidence', 'meaning', 'remedy', 'command')):
            named.add(fault['check'] + ' without words')
    return named, done.stdout


def replay(gnomon, path, folder):
    """What a replay's events and summary name."""
    events = os.path.join(folder, 'events.json')
    done = subprocess.run([gnomon, 'replay', '--db', os.path.join(folder, 'g.db'), '--events', events, path],
                          capture_output=True, text=True, timeout=60, cwd=ROOT)
    with open(events) as lines:
        alerts = {e['gnomon']['check'] for e in map(json.loads, lines)
                  if e['event_type'] == 'alert' and e['alert']['category'] == 'Sensor health'}
    said = {line.split('(')[1].split(')')[0] for line in done.stdout.splitlines() if line.startswith('Sensor health')}
    os.remove(os.path.join(folder, 'g.db'))
    return alerts, said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    wrong = 0

    def expect(what, named, must, may=frozenset()):
        nonlocal wrong
        if must <= named <= must | may:
            return
        wrong += 1
        print('%s: named %s, wanted %s%s' % (what, sorted(named), sorted(must), ', perhaps %s' % sorted(may) if may else ''))

    with tempfile.TemporaryDirectory() as folder:
        for fault, captures, must, may in CASES:
            path = os.path.join(folder, fault + '.pcap')
            break_capture(fault, path, [os.path.join(ROOT, 'pcaps', c + '.pcap') for c in captures])
            what = '%s of %s' % (fault, captures[0] if len(captures) == 1 else 'the office')
            named, told = doctor(gnomon, path)
            expect(what, named, must, may)
            if captures is OFFICE:
                if doctor(gnomon, path, 4)[1] != told:
                    wrong += 1
                    print(what + ': four workers say something else')
                alerts, said = replay(gnomon, path, folder)
                expect(what + ', events', alerts, must, may)
                expect(what + ', summary', said, must, may)

    clean = 0
    for base, _, files in os.walk(os.path.join(ROOT, 'pcaps')):
        for name in sorted(files):
            if '.pcap' not in name:
                continue
            path = os.path.relpath(os.path.join(base, name), os.path.join(ROOT, 'pcaps'))
            # Those of shapes are cut on purpose.
            sick = {'snap-length'} if path.startswith('shapes') else SICK.get(path.split('.')[0], set())
            expect(path, doctor(gnomon, os.path.join(base, name))[0], sick)
            clean += 1
    print('%d broken captures, %d of the project\'s own: %s' %
          (len(CASES), clean, 'every fault named, no other' if not wrong else '%d wrong' % wrong))
    return 1 if wrong else 0


sys.exit(main())
