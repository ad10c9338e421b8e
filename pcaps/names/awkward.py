#!/usr/bin/env python3
"""Writes a capture of names that are said in awkward ways. No program sends all of them, so they are
made by hand, always the same.

usage: awkward.py FILE
"""
import struct
import sys

frames = []


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def address(text):
    return bytes(int(part) for part in text.split('.'))


def ip(source, destination, protocol, payload, number, fragment=0):
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(payload), number, fragment, 64, protocol, 0)
    head += address(source) + address(destination)
    head = head[:10] + struct.pack('>H', checksum(head)) + head[12:]
    frames.append(bytes.fromhex('020000000002020000000001') + b'\x08\0' + head + payload)


def udp(source, source_port, destination, destination_port, payload, pieces=1):
    datagram = struct.pack('>HHHH', source_port, destination_port, 8 + len(payload), 0) + payload
    number = len(frames) + 1
    step = -(-len(datagram) // pieces // 8) * 8
    for at in range(0, len(datagram), step):
        more = 0x2000 if at + step < len(datagram) else 0
        ip(source, destination, 17, datagram[at:at + step], number, more | at // 8)


class Connection:
    FIN, SYN, PUSH, ACK = 1, 2, 8, 16

    def __init__(self, client, client_port, server, server_port, sequence=1000, sees_client=True):
        self.ends = (client, client_port), (server, server_port)
        self.next = [sequence, sequence + 50000]
        self.sees_client = sees_client
        self.packet(0, self.SYN)
        self.packet(1, self.SYN | self.ACK)
        self.packet(0, self.ACK)

    def packet(self, side, flags, payload=b''):
        (source, source_port), (destination, destination_port) = self.ends[side], self.ends[1 - side]
        segment = struct.pack('>HHIIBBHHH', source_port, destination_port, self.next[side],
                              self.next[1 - side] if flags & self.ACK else 0, 0x50, flags, 65000, 0, 0)
        if side == 1 or self.sees_client:
            ip(source, destination, 6, segment + payload, len(frames) + 1)
        self.next[side] += len(payload) + (flags & (self.SYN | self.FIN) != 0)

    def up(self, *segments):
        for each in segments:
            self.packet(0, self.PUSH | self.ACK, each)
        return self

    def down(self, *segments):
        for each in segments:
            self.packet(1, self.PUSH | self.ACK, each)
        return self

    def close(self):
        self.packet(0, self.FIN | self.ACK)
        self.packet(1, self.FIN | self.ACK)
        self.packet(0, self.ACK)


def record(kind, payload, version=0x0301):
    return struct.pack('>BHH', kind, version, len(payload)) + payload


def handshake(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, 'big') + body


def hello(name):
    def extension(kind, data):
        return struct.pack('>HH', kind, len(data)) + data
    entry = struct.pack('>BH', 0, len(name)) + name
    extensions = (extension(0, struct.pack('>H', len(entry)) + entry) +
                  extension(10, bytes.fromhex('0002001d')) + extension(13, bytes.fromhex('00020804')) +
                  extension(43, bytes.fromhex('020304')) +
                  extension(51, bytes.fromhex('0024001d0020') + bytes(32)))
    return handshake(1, b'\3\3' + bytes(range(32)) + b'\0' + bytes.fromhex('00021301') + b'\1\0' +
                     struct.pack('>H', len(extensions)) + extensions)


def server_hello():
    extensions = bytes.fromhex('002b00020304') + bytes.fromhex('00330024001d0020') + bytes(32)
    return record(22, handshake(2, b'\3\3' + bytes(range(1, 33)) + b'\0' + bytes.fromhex('130100') +
                                struct.pack('>H', len(extensions)) + extensions), 0x0303)


def talk(connection, *segments):
    connection.up(*segments).down(server_hello(), record(23, bytes(900), 0x0303))
    connection.up(record(23, bytes(300), 0x0303)).close()


def dhcp(operation, transaction, hardware, kind, options=b'', yours='0.0.0.0', server='0.0.0.0'):
    message = struct.pack('>BBBBIHH', operation, 1, 6, 0, transaction, 0, 0) + bytes(4)
    message += address(yours) + bytes(8) + hardware + bytes(10 + 64 + 128)
    message += bytes.fromhex('63825363') + bytes([53, 1, kind]) + options + b'\xff'
    ports = (68, 67) if operation == 1 else (67, 68)
    udp(server, ports[0], '255.255.255.255', ports[1], message)


def option(kind, data):
    return bytes([kind, len(data)]) + data


# A client is given its address.
dora, otto = bytes.fromhex('020000000005'), bytes.fromhex('020000000099')
wish = option(50, address('10.20.0.105'))
dhcp(1, 5, dora, 3, wish + option(54, address('10.20.0.1')) + option(12, b'dora-desktop'))
dhcp(2, 5, dora, 5, option(54, address('10.20.0.1')), '10.20.0.105', '10.20.0.1')
talk(Connection('10.20.0.105', 40000, '192.0.2.20', 443), record(22, hello(b'api.openai.com')))
# Another comes from elsewhere, asks for the same one, and is refused.
dhcp(1, 9, otto, 3, wish + option(12, b'otto-on-the-road'))
dhcp(2, 9, otto, 6, option(54, address('10.20.0.1')), server='10.20.0.1')

# A first record of one byte; then all of it in records of three, cut where it hurts.
whole = hello(b'claude.ai')
talk(Connection('10.20.0.105', 40001, '192.0.2.21', 443), record(22, whole[:1]) + record(22, whole[1:]))
small = b''.join(record(22, whole[at:at + 3]) for at in range(0, len(whole), 3))
talk(Connection('10.20.0.105', 40002, '192.0.2.21', 443), small[:4], small[4:9], small[9:15], small[15:])

# To a proxy, which Host names; an empty line before a request.
answer = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
Connection('10.20.0.105', 40003, '10.20.0.2', 3128).up(
    b'GET http://api.openai.com:80/v1/models HTTP/1.1\r\nHost: proxy.corp.example:3128\r\n\r\n'
).down(answer).close()
Connection('10.20.0.105', 40004, '192.0.2.22', 80).up(
    b'\r\nGET /v1/models HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n').down(answer).close()

# Two connections on the same ports, of which the server's side alone is seen.
for sequence in (1000, 900000):
    talk(Connection('10.20.0.105', 40005, '192.0.2.20', 443, sequence, False),
         record(22, hello(b'api.openai.com')))

# A datagram of three fragments.
udp('10.20.0.105', 40006, '192.0.2.20', 9999, bytes(3000), 3)

with open(sys.argv[1], 'wb') as file:
    file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
    for at, frame in enumerate(frames):
        file.write(struct.pack('<IIII', 1795527600, at * 1000, len(frame), len(frame)) + frame)
