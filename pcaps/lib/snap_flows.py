#!/usr/bin/env python3
"""Cuts a capture of encrypted traffic to what the shapes of flows need: of each conversation the first
packets stay whole, of the others the headers stay, with their lengths as on the wire.

usage: snap_flows.py IN.pcap OUT.pcap [WHOLE]"""
import struct
import sys


def main():
    whole = int(sys.argv[3]) if len(sys.argv) > 3 else 14
    data = open(sys.argv[1], 'rb').read()
    assert data[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1'), 'not a little-endian pcap'
    out, at, seen = [data[:24]], 24, {}
    while at + 16 <= len(data):
        seconds, fraction, kept, wire = struct.unpack_from('<IIII', data, at)
        frame = data[at + 16:at + 16 + kept]
        at += 16 + kept
        if frame[12:14] == b'\x08\x00' and frame[23] in (6, 17):
            ip = 14 + (frame[14] & 15) * 4
            ends = (frame[26:30] + frame[ip:ip + 2], frame[30:34] + frame[ip + 2:ip + 4])
            flow = (min(ends), max(ends), frame[23])
            seen[flow] = seen.get(flow, 0) + 1
            # A whole ClientHello, the server's certificate and DNS stay.
            if seen[flow] > whole and b'\x00\x35' not in (ends[0][4:], ends[1][4:]):
                frame = frame[:ip + ((frame[ip + 12] >> 4) * 4 if frame[23] == 6 else 8)]
        out.append(struct.pack('<IIII', seconds, fraction, len(frame), wire) + frame)
    open(sys.argv[2], 'wb').write(b''.join(out))


main()
