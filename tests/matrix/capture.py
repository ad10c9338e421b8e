"""Writes captures of requests: HTTP/1.1, HTTP/2 with prior knowledge and WebSockets in clear, HTTP/3 with
the secrets of its connections."""
import struct, zlib


class Capture:
    def __init__(self, path):
        self.out = open(path, 'wb')
        self.out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        self.now = 1704067200.0

    def close(self):
        self.out.close()

    def frame(self, source, target, seq, ack, flags, data=b''):
        tcp = struct.pack('>HHIIBBHHH', source[1], target[1], seq & 0xffffffff, ack & 0xffffffff, 0x50, flags, 65535, 0, 0) + data
        ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, bytes(source[0]), bytes(target[0]))
        packet = b'\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0' + ip + tcp
        self.now += 0.0001
        self.out.write(struct.pack('<IIII', int(self.now), int(self.now % 1 * 1e6), len(packet), len(packet)) + packet)

    def datagram(self, source, target, data):
        udp = struct.pack('>HHHH', source[1], target[1], 8 + len(data), 0) + data
        ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, bytes(source[0]), bytes(target[0]))
        packet = b'\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0' + ip + udp
        self.now += 0.0001
        self.out.write(struct.pack('<IIII', int(self.now), int(self.now % 1 * 1e6), len(packet), len(packet)) + packet)

    @staticmethod
    def ends(number, port):
        return ((10, 0, number >> 8 & 255, number & 255), 20000 + number % 40000), ((10, 9, 0, 1), port)

    def datagrams(self, number, turns, port=443):
        """turns: (to_server, datagram) in order."""
        client, server = self.ends(number, port)
        for to_server, data in turns:
            self.datagram(*((client, server) if to_server else (server, client)), data)

    def connection(self, number, turns, port=80):
        """turns: (to_server, bytes) in order."""
        client, server = self.ends(number, port)
        c, s = 1000, 5000
        self.frame(client, server, c, 0, 2)
        self.frame(server, client, s, c + 1, 18)
        c, s = c + 1, s + 1
        self.frame(client, server, c, s, 16)
        for to_server, data in turns:
            for at in range(0, len(data), 1400):
                piece = data[at:at + 1400]
                if to_server:
                    self.frame(client, server, c, s, 24, piece)
                    c += len(piece)
                else:
                    self.frame(server, client, s, c, 24, piece)
                    s += len(piece)
        self.frame(client, server, c, s, 17)
        self.frame(server, client, s, c + 1, 17)


def http1(host, target, media, coding, body, method='POST'):
    head = f'{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n'
    if media:
        head += f'Content-Type: {media}\r\n'
    if coding:
        head += f'Content-Encoding: {coding}\r\n'
    return [(True, head.encode() + b'\r\n' + body), (False, b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')]


def http1_chunked(host, target, media, coding, body, method='POST'):
    head = f'{method} {target} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n'
    if media:
        head += f'Content-Type: {media}\r\n'
    if coding:
        head += f'Content-Encoding: {coding}\r\n'
    chunks = b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + 777]), body[i:i + 777]) for i in range(0, len(body), 777))
    return [(True, head.encode() + b'\r\n' + chunks + b'0\r\n\r\n'), (False, b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')]


def h2_frame(kind, flags, stream, data):
    return struct.pack('>I', len(data))[1:] + bytes([kind, flags]) + struct.pack('>I', stream) + data


def literal(name, value):
    def text(t):
        t = t.encode()
        return (bytes([len(t)]) if len(t) < 127 else bytes([127, len(t) - 127 & 0x7f | (0x80 if len(t) - 127 > 127 else 0)]) + (bytes([len(t) - 127 >> 7]) if len(t) - 127 > 127 else b'')) + t
    return b'\0' + text(name) + text(value)


def http2(host, target, media, coding, body, method='POST'):
    fields = [(':method', method), (':scheme', 'http'), (':authority', host), (':path', target)]
    if media:
        fields.append(('content-type', media))
    if coding:
        fields.append(('content-encoding', coding))
    out = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + h2_frame(4, 0, 0, b'') + h2_frame(1, 4, 1, b''.join(literal(*f) for f in fields))
    pieces = [body[i:i + 5000] for i in range(0, len(body), 5000)] or [b'']
    for index, piece in enumerate(pieces):
        out += h2_frame(0, 1 if index == len(pieces) - 1 else 0, 1, piece)
    return [(False, h2_frame(4, 0, 0, b'')), (True, out), (False, h2_frame(1, 5, 1, literal(':status', '200')))]


def websocket(host, target, messages, deflate=False):
    """messages: (is_text, bytes); each is sent in two fragments, masked; with `deflate` by permessage-deflate."""
    offer = 'Sec-WebSocket-Extensions: permessage-deflate\r\n' if deflate else ''
    head = (f'GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{offer}'
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n').encode()
    answer = (f'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{offer}'
              'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n').encode()
    out = b''
    window = zlib.compressobj(9, zlib.DEFLATED, -15)
    mask = b'\x11\x22\x33\x44'
    for is_text, data in messages:
        if deflate:
            data = (window.compress(data) + window.flush(zlib.Z_SYNC_FLUSH))[:-4]
        half = len(data) // 2
        for index, piece in enumerate((data[:half], data[half:])):
            first = (0x80 if index else 0) | ((1 if is_text else 2) | (0x40 if deflate else 0) if index == 0 else 0)
            size = bytes([0x80 | len(piece)]) if len(piece) < 126 else bytes([0xfe]) + struct.pack('>H', len(piece)) if len(piece) < 65536 else bytes([0xff]) + struct.pack('>Q', len(piece))
            out += bytes([first]) + size + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(piece))
    return [(True, head), (False, answer), (True, out)]
