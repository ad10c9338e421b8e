#!/usr/bin/env python3
"""Replays captures that carry TLS secrets, and looks for the secrets in everything that is written.

usage: secrets_stay_out.py --gnomon BIN

Each secret of the Decryption Secrets Blocks, and of the same key log given by --keylog, is sought as
bytes, as hexadecimal in either case and as base64 in the database with its side files, the events,
standard output and standard error. That the connections were decrypted at all is checked too.
"""
import argparse
import base64
import os
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CAPTURES = ('pcaps/tls-keys/suites.pcapng', 'pcaps/tls-keys/chromium-http3.pcapng', 'pcaps/file/keys.pcapng')
SECRETS_BLOCK, TLS_KEY_LOG = 10, 0x544C534B


def key_log(path):
    data = open(path, 'rb').read()
    at, text = 0, b''
    while at + 12 <= len(data):
        kind, length = struct.unpack_from('<II', data, at)
        if kind == SECRETS_BLOCK:
            secrets_type, size = struct.unpack_from('<II', data, at + 8)
            if secrets_type == TLS_KEY_LOG:
                text += data[at + 16:at + 16 + size]
        at += length
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    failed = False
    for name in CAPTURES:
        capture = os.path.join(ROOT, name)
        log = key_log(capture)
        secrets = [bytes.fromhex(line.split()[2].decode()) for line in log.splitlines()
                   if len(line.split()) == 3 and not line.startswith(b'#')]
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as outside:
            keys = os.path.join(outside, 'keys')
            open(keys, 'wb').write(log)
            done = subprocess.run([gnomon, 'replay', '--db', 'g.db', '--events', 'events.json', '--keylog', keys, capture],
                                  cwd=folder, capture_output=True, timeout=300)
            written = {'standard output': done.stdout, 'standard error': done.stderr}
            for each in os.listdir(folder):
                written[each] = open(os.path.join(folder, each), 'rb').read()
        if done.returncode != 0 or b'"decrypted":true' not in written['events.json']:
            print(f'{name}: nothing was decrypted (exit {done.returncode})')
            failed = True
        for secret in secrets:
            for form in (secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret)[:40]):
                for place, content in written.items():
                    if form in content:
                        print(f'{name}: a secret is in {place}')
                        failed = True
        print(f'{name}: {len(secrets)} secrets, {len(written)} outputs')
        failed |= not secrets
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
