#!/usr/bin/env python3
"""Replays connections whose secrets come in ways that captures of one moment do not have.

usage: decryption.py --gnomon BIN

- QUIC whose keys are updated again and again (RFC 9001, 6): the request's body is read whole.
- A key log that grows while a capture is read from standard input: what came before its line is not
  read, what came after is.
- Secrets of other connections, and lines that are cut, open nothing and break nothing.
- With a key log at hand what is not decrypted is measured as without: the shape of its streams, and
  what they speak for.
- A request that is decrypted only when its flow ends has the time and the frame of its flow, whatever
  capture is being read then.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'matrix'))
import capture
import quic

LATE = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'pcaps', *name)
        for name in (('tls-keys', 'late-secrets.pcapng'), ('self-hosted', 'inference-rarer.pcap'))]
UNKNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'pcaps', 'unknown', 'lumenwrite.pcap')
BODY = b'{"messages":[{"role":"user","content":"' + b'a word and another ' * 3000 + b'"}]}'


def hashes(events):
    """Host to the hash of the body that was sent to it."""
    found = {}
    for line in open(events, 'rb'):
        event = json.loads(line)
        if event['event_type'] == 'http':
            found[event['http'].get('hostname')] = event['http'].get('request_sha256')
    return found


def judged(events):
    """What is said of flows by their shape: streams measured, by host, and candidates."""
    found = []
    for line in open(events, 'rb'):
        event = json.loads(line)
        if event['event_type'] == 'candidate':
            found.append(('candidate', event['gnomon']['host'], event['gnomon']['score']))
        if event['event_type'] == 'flow' and 'stream' in event['gnomon']:
            found.append(('stream', event['flow_id'], event['gnomon']['stream']))
    return found


def requests(events):
    """Time and place of each request to a host that the first of LATE is about."""
    found = []
    for line in open(events, 'rb'):
        event = json.loads(line)
        if event['event_type'] == 'http' and event['http'].get('hostname') == 'api.openai.com':
            found.append((event['timestamp'], os.path.basename(event['pcap_filename']), event['pcap_cnt']))
    return found


def request(number, update_every=0):
    return quic.connection(number, f'h{number}.example.test', '/v1/x', 'application/json', '', BODY, update_every=update_every)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    wanted = hashlib.sha256(BODY).hexdigest()
    failed = False

    def check(what, got, expected):
        nonlocal failed
        if got != expected:
            failed = True
            print(f'{what}: {got}, not {expected}')

    with tempfile.TemporaryDirectory() as folder:
        path = {name: os.path.join(folder, name) for name in ('pcap', 'keys', 'db', 'events')}

        out = capture.Capture(path['pcap'])
        lines = []
        for number, every in ((1, 0), (2, 1), (3, 7), (4, 40), (5, 7)):
            turns, secrets = request(number, every)
            out.datagrams(number, turns)
            if number == 5:  # another's
                secrets = [line[:-4] + '0000' for line in secrets]
            lines += secrets
        out.close()
        with open(path['keys'], 'w') as keys:
            keys.write('\n'.join(lines) + '\nCLIENT_TRAFFIC_SECRET_0 00')
        done = subprocess.run([gnomon, 'replay', '--db', path['db'], '--events', path['events'], '--keylog', path['keys'], path['pcap']],
                              capture_output=True, timeout=300)
        check('updated keys: exit', done.returncode, 0)
        check('updated keys', hashes(path['events']), {f'h{n}.example.test': wanted for n in (1, 2, 3, 4)})

        # The second connection comes two seconds of packet time after the first, and its line before it.
        for name in ('db', 'events'):
            if os.path.exists(path[name]):
                os.remove(path[name])
        out = capture.Capture(path['pcap'])
        first, first_lines = request(11)
        second, second_lines = request(12)
        out.datagrams(11, first)
        out.out.flush()
        cut = os.path.getsize(path['pcap'])
        out.now += 2
        out.datagrams(12, second)
        out.close()
        with open(path['pcap'], 'rb') as whole:
            data = whole.read()
        with open(path['keys'], 'w') as keys:
            keys.write(first_lines[0] + '\n' + first_lines[1][:50])
        reading = subprocess.Popen([gnomon, 'replay', '--db', path['db'], '--events', path['events'], '--keylog', path['keys'], '-'],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        reading.stdin.write(data[:cut])
        reading.stdin.flush()
        with open(path['keys'], 'a') as keys:
            keys.write(first_lines[1][50:] + '\n' + '\n'.join(second_lines) + '\n')
        reading.stdin.write(data[cut:])
        reading.stdin.close()
        error = reading.stderr.read()
        check('growing key log: exit', reading.wait(timeout=300), 0)
        check('growing key log', hashes(path['events']).get('h12.example.test'), wanted)

        told = []
        for more in ([], ['--keylog', path['keys']]):
            os.remove(path['db'])
            done = subprocess.run([gnomon, 'replay', '--db', path['db'], '--events', path['events'], *more, UNKNOWN],
                                  capture_output=True, timeout=300)
            told.append(judged(path['events']))
        check('with keys of others: kinds', {kind for kind, *_ in told[0]}, {'candidate', 'stream'})
        check('with keys of others', told[1], told[0])

        told = []
        for files in (LATE[:1], LATE):
            os.remove(path['db'])
            subprocess.run([gnomon, 'replay', '--db', path['db'], '--events', path['events'], *files],
                           capture_output=True, timeout=300)
            told.append(requests(path['events']))
        check('late secrets: requests', len(told[0]), 2)
        check('late secrets, another capture behind', told[1], told[0])
        if failed:
            print(error.decode('utf-8', 'replace')[-1000:])
    print('failed' if failed else 'all bodies are read')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
