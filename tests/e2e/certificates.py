#!/usr/bin/env python3
"""What the names in servers' certificates (TLS 1.2) are used for, on connections made here.

usage: certificates.py --gnomon BIN
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'matrix'))
import capture
import quic


def certificate(folder, names):
    path = os.path.join(folder, 'certificate.der')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', os.devnull,
                    '-days', '9', '-subj', '/CN=unused.example', '-addext', 'subjectAltName=' + ','.join('DNS:' + n for n in names),
                    '-outform', 'DER', '-out', path], check=True, stderr=subprocess.DEVNULL)
    return open(path, 'rb').read()


def record(kind, data):
    return b''.join(bytes([kind, 3, 3]) + struct.pack('>H', len(data[i:i + 900])) + data[i:i + 900] for i in range(0, len(data), 900))


def u24(value):
    return struct.pack('>I', value)[1:]


def conversation(host, der, cut=None):
    """A TLS 1.2 handshake and some data both ways; `host` may be none."""
    name = b'\0' + struct.pack('>H', len(host or '')) + (host or '').encode()
    extensions = (quic.extension(0, struct.pack('>H', len(name)) + name) if host else b'') + quic.extension(10, b'\0\2\0\x17')
    hello = quic.handshake(1, b'\3\3' + bytes(32) + b'\0\0\2\xc0\x2b\1\0' + struct.pack('>H', len(extensions)) + extensions)
    server = quic.handshake(2, b'\3\3' + bytes(range(32)) + b'\0\xc0\x2b\0')
    server += quic.handshake(11, u24(len(der) + 3) + u24(len(der)) + der) + quic.handshake(14, b'')
    answer = record(22, server)
    if cut:
        return [(True, record(22, hello)), (False, answer[:cut])]
    return [(True, record(22, hello)), (False, answer), (True, record(20, b'\1') + record(23, bytes(900))),
            (False, record(23, bytes(9000)))]


def lookup(out, client, name, address):
    labels = b''.join(bytes([len(l)]) + l.encode() for l in name.split('.')) + b'\0'
    question = labels + b'\0\1\0\1'
    answer = b'\xc0\x0c\0\1\0\1\0\0\1\0\0\4' + bytes(address)
    ends = ((client, 5353 + 100), ((10, 9, 0, 53), 53))
    out.datagram(*ends, b'\0\7\1\0\0\1\0\0\0\0\0\0' + question)
    out.datagram(*ends[::-1], b'\0\7\x81\x80\0\1\0\1\0\0\0\0' + question + answer)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    # number: (name asked for, names of the certificate, names looked up before, expected)
    cases = {
        1: (None, ['*.chatgpt.com', 'chatgpt.com'], [], ('chatgpt.com', 'certificate', 'chatgpt', 2)),
        2: (None, ['musterfirma.example', 'www.musterfirma.example'], [], ('musterfirma.example', 'certificate', None, 2)),
        3: (None, ['a.musterfirma.example', 'b.other.example'], [], (None, None, None, 2)),
        4: ('intern.musterfirma.example', ['intern.musterfirma.example', 'x.example'], [], ('intern.musterfirma.example', 'tls_sni', None, 2)),
        5: ('chatgpt.com', ['chatgpt.com'], [], ('chatgpt.com', 'tls_sni', 'chatgpt', 0)),
        6: (None, ['*.musterfirma.example'], ['x.other.example', 'y.musterfirma.example'], ('y.musterfirma.example', 'dns_answer', None, 1)),
        7: (None, ['z.third.example'], ['x.other.example', 'y.musterfirma.example'], ('z.third.example', 'certificate', None, 1)),
        8: (None, ['z.third.example'], ['x.other.example'], ('x.other.example', 'dns_answer', None, 1)),
        9: (None, ['lost.example'], [], (None, None, None, 0)),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'pcap')
        out = capture.Capture(path)
        for number, (asked, names, looked_up, _) in cases.items():
            server = (10, 9, 1, number)
            for name in looked_up:
                lookup(out, (10, 0, 0, number), name, server)
            turns = conversation(asked, certificate(folder, names), 200 if number == 9 else None)
            out.ends = lambda n, port, server=server: (((10, 0, 0, n), 30000 + n), (server, 443))
            out.connection(number, turns, 443)
        out.close()
        told = []
        for workers in ('1', '4'):
            done = subprocess.run([gnomon, 'replay', '--db', os.path.join(folder, 'db' + workers), '--events', '-', '--workers', workers, path],
                                  capture_output=True, timeout=300)
            if done.returncode != 0:
                print(done.stderr.decode('utf-8', 'replace')[-1000:])
                return 1
            told.append(done.stdout)
    failed = told[0] != told[1]
    if failed:
        print('four workers tell something else than one')
    for line in told[0].splitlines():
        event = json.loads(line)
        if event['event_type'] != 'flow' or event['dest_port'] != 443:
            continue
        number = int(event['src_ip'].split('.')[3])
        own = event['gnomon']
        got = (own.get('host'), own.get('host_source'), own.get('app'), len(event['tls'].get('subjectaltname', [])))
        expected = cases.pop(number)[3]
        if got != expected:
            failed = True
            print(f'case {number}: {got}, not {expected}')
        if number == 1 and own.get('grade') != 'name':
            failed = True
            print(f'case 1: grade {own.get("grade")}, not one less than session')
    if cases:
        failed = True
        print('no flow:', sorted(cases))
    print('failed' if failed else 'names are as they should be')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
