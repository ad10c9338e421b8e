#!/usr/bin/env python3
"""Makes of a healthy capture one that shows a fault, as a bad mirror, card or clock would.

usage: break_capture.py FAULT OUT IN.pcap...

Several captures are joined, each after the one before. Only plain pcap of Ethernet is read. FAULT
is one of those that --help lists; "none" joins and changes nothing.
"""
import random
import struct
import sys

SECOND = 1_000_000_000


class Frame:
    __slots__ = ('time', 'wire', 'data')

    def __init__(self, time, wire, data):
        self.time, self.wire, self.data = time, wire, data

    def copy(self, **changed):
        made = Frame(self.time, self.wire, self.data)
        for name, value in changed.items():
            setattr(made, name, value)
        return made


def read(path):
    data = open(path, 'rb').read()
    unit = {b'\xd4\xc3\xb2\xa1': 1000, b'\x4d\x3c\xb2\xa1': 1}.get(data[:4])
    if unit is None or struct.unpack_from('<I', data, 20)[0] & 0xffff != 1:
        raise ValueError(path + ': not a little-endian pcap of Ethernet')
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, kept, wire = struct.unpack_from('<IIII', data, at)
        frames.append(Frame(seconds * SECOND + fraction * unit, wire, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return frames


def join(paths):
    """The captures one after the other, two seconds apart."""
    joined = []
    for path in paths:
        frames = sorted(read(path), key=lambda f: f.time)
        if not frames:
            continue
        shift = joined[-1].time + 2 * SECOND - frames[0].time if joined else 0
        joined += [f.copy(time=f.time + shift) for f in frames]
    return joined


def write_pcap(path, frames):
    with open(path, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for f in frames:
            out.write(struct.pack('<IIII', f.time // SECOND, f.time % SECOND, len(f.data), f.wire))
            out.write(f.data)


def write_pcapng(path, frames, statistics):
    def block(kind, body):
        body += b'\0' * (-len(body) % 4)
        length = struct.pack('<I', len(body) + 12)
        return struct.pack('<I', kind) + length + body + length
    with open(path, 'wb') as out:
        out.write(block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1)))
        out.write(block(1, struct.pack('<HHIHHB3xI', 1, 0, 0, 9, 1, 9, 0)))
        for f in frames:
            out.write(block(6, struct.pack('<IIIII', 0, f.time >> 32, f.time & 0xffffffff, len(f.data), f.wire) + f.data))
        options = b''.join(struct.pack('<HHQ', code, 8, value) for code, value in statistics)
        out.write(block(5, struct.pack('<III', 0, 0, 0) + options + struct.pack('<I', 0)))


class Ip:
    """Where things stand in an IPv4 or IPv6 frame; protocol 0 when it is neither."""

    def __init__(self, data):
        self.protocol, self.ip, self.l4 = 0, 14, 0
        kind = data[12:14]
        if kind == b'\x08\x00' and len(data) >= 34:
            self.version, self.l4, self.protocol = 4, 14 + (data[14] & 15) * 4, data[23]
            self.source, self.destination = data[26:30], data[30:34]
            if data[20] & 0x3f or data[21]:
                self.protocol = 0  # a fragment
        elif kind == b'\x86\xdd' and len(data) >= 54:
            self.version, self.l4, self.protocol = 6, 54, data[20]
            self.source, self.destination = data[22:38], data[38:54]
        if self.protocol not in (6, 17) or len(data) < self.l4 + 8:
            self.protocol = 0
            return
        self.sport, self.dport = struct.unpack_from('>HH', data, self.l4)
        self.to_server = self.dport < self.sport
        ends = [(self.source, self.sport), (self.destination, self.dport)]
        self.flow = (min(ends), max(ends), self.protocol)
        if self.protocol == 6:
            self.sequence = struct.unpack_from('>I', data, self.l4 + 4)[0]
            self.flags = data[self.l4 + 13]
            self.payload_at = self.l4 + (data[self.l4 + 12] >> 4) * 4
            total = struct.unpack_from('>H', data, 16)[0] if self.version == 4 else 40 + struct.unpack_from('>H', data, 18)[0]
            self.payload_end = 14 + total
            self.payload = self.payload_end - self.payload_at


def only_to_server(frames):
    return [f for f in frames if not (ip := Ip(f.data)).protocol or ip.to_server]


def only_to_client(frames):
    return [f for f in frames if not (ip := Ip(f.data)).protocol or not ip.to_server]


def half_the_servers_answers(frames):
    """Every third connection answers another way."""
    return [f for f in frames if not (ip := Ip(f.data)).protocol or ip.to_server or (ip.dport % 3)]


def duplicates(frames):
    return [c for f in frames for c in (f, f.copy(time=f.time + 20_000))]


def duplicates_of_two_vlans(frames):
    return [c for f in frames for c in (tagged(f, 10), tagged(f.copy(time=f.time + 20_000), 20))]


def loss(frames):
    chance = random.Random(5)
    return [f for f in frames if Ip(f.data).protocol != 6 or chance.random() > 0.05]


def merged(frames):
    """Segments of one direction that follow one another become one, as GRO does."""
    made, last = [], {}
    for f in frames:
        ip = Ip(f.data)
        if ip.protocol != 6 or not ip.payload or ip.flags & 7 or len(f.data) < ip.payload_end:
            made.append(f)
            if ip.protocol == 6:
                last.pop((ip.flow, ip.to_server), None)
            continue
        key = (ip.flow, ip.to_server)
        before = last.get(key)
        if before is not None:
            head = Ip(before.data)
            if (head.sequence + head.payload) & 0xffffffff == ip.sequence and head.payload + ip.payload < 60000:
                data = bytearray(before.data[:head.payload_end] + f.data[ip.payload_at:ip.payload_end])
                at, size = (16, len(data) - 14) if head.version == 4 else (18, len(data) - 54)
                struct.pack_into('>H', data, at, size)
                before.data, before.wire = bytes(data), len(data)
                continue
        last[key] = f.copy()
        made.append(last[key])
    return made


def snap_length(frames):
    return [f.copy(data=f.data[:96]) for f in frames]


def tagged(f, vlan):
    return f.copy(data=f.data[:12] + struct.pack('>HH', 0x8100, vlan) + f.data[12:], wire=f.wire + 4)


def vlan_per_direction(frames):
    return [tagged(f, 10 if (ip := Ip(f.data)).protocol and ip.to_server else 20) for f in frames]


def outer(f, protocol, header):
    payload = header + f.data
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, bytes((10, 99, 0, 1)), bytes((10, 99, 0, 2)))
    data = b'\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0' + ip + payload
    return f.copy(data=data, wire=len(data))


def unknown_gre(frames):
    return [outer(f, 47, struct.pack('>HH', 0, 0x7777)) for f in frames]


def vxlan_on_another_port(frames):
    made = []
    for f in frames:
        udp = struct.pack('>HHHH', 40000, 50123, 16 + len(f.data), 0) + struct.pack('>II', 0x08000000, 7 << 8)
        made.append(outer(f, 17, udp))
    return made


def unknown_ethertype(frames):
    return [f.copy(data=f.data[:12] + b'\x77\x77\0\0' + f.data, wire=f.wire + 16) for f in frames]


def clock_set_back(frames):
    middle = len(frames) // 2
    return [f if i < middle else f.copy(time=f.time - 3600 * SECOND) for i, f in enumerate(frames)]


def clock_per_direction(frames):
    return [f.copy(time=f.time + 5 * SECOND) if (ip := Ip(f.data)).protocol and not ip.to_server else f for f in frames]


def clock_not_set(frames):
    return [f.copy(time=f.time - frames[0].time) for f in frames]


def clock_ahead(frames):
    middle = len(frames) // 2
    return [f if i < middle else f.copy(time=f.time + 9 * 86400 * SECOND) for i, f in enumerate(frames)]


def no_dns(frames):
    return [f for f in frames if not (ip := Ip(f.data)).protocol or 53 not in (ip.sport, ip.dport)]


def joined_late(frames):
    """Connections were open, and names looked up, before the capture began."""
    kept, seen = [], {}
    for f in no_dns(frames):
        ip = Ip(f.data)
        if ip.protocol:
            seen[ip.flow] = seen.get(ip.flow, 0) + 1
            if seen[ip.flow] <= 12:
                continue
        kept.append(f)
    return kept


def no_traffic(frames):
    return []


def wrong_interface(frames):
    """What a port that is no mirror gets: questions of ARP and the switch's own frames."""
    made = []
    for i in range(200):
        time = frames[0].time + i * SECOND // 2
        source = bytes((2, 0, 0, 0, 0, i % 50))
        if i % 4:
            data = b'\xff' * 6 + source + b'\x08\x06' + struct.pack('>HHBBH', 1, 0x800, 6, 4, 1) + source + \
                bytes((10, 20, 0, i % 50)) + b'\0' * 6 + bytes((10, 20, 0, 1)) + b'\0' * 18
        else:
            data = b'\x01\x80\xc2\0\0\0' + source + struct.pack('>H', 38) + b'\x42\x42\x03' + b'\0' * 43
        made.append(Frame(time, len(data), data))
    return made


def none(frames):
    return frames


FAULTS = {f.__name__.replace('_', '-'): f for f in (
    none, only_to_server, only_to_client, half_the_servers_answers, duplicates, duplicates_of_two_vlans,
    loss, merged, snap_length, vlan_per_direction, unknown_gre, vxlan_on_another_port, unknown_ethertype, clock_set_back,
    clock_per_direction, clock_not_set, clock_ahead, no_dns, joined_late, no_traffic, wrong_interface)}
# Interface statistics of pcapng: received, dropped by interface, accepted, dropped by system, delivered.
STATISTICS = {
    'card-drops': lambda n: ((4, n), (5, n // 10)),
    'kernel-drops': lambda n: ((4, n), (7, n // 10)),
    'sensor-drops': lambda n: ((4, n), (6, n), (7, 0), (8, n - n // 10)),
    'no-drops': lambda n: ((4, n), (5, 0), (6, n), (7, 0), (8, n)),
}


def break_capture(fault, out, paths):
    frames = join(paths)
    if fault in STATISTICS:
        write_pcapng(out, frames, STATISTICS[fault](len(frames)))
    else:
        write_pcap(out, FAULTS[fault](frames))


if __name__ == '__main__':
    if len(sys.argv) < 4 or sys.argv[1] not in FAULTS.keys() | STATISTICS.keys():
        print(__doc__ + 'Faults: ' + ', '.join(sorted(FAULTS.keys() | STATISTICS.keys())))
        sys.exit(0 if '--help' in sys.argv else 1)
    break_capture(sys.argv[1], sys.argv[2], sys.argv[3:])
