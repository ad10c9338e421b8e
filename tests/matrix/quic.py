"""Connections of HTTP/3 over QUIC version 1 (RFC 9000, 9001, 9114) as their two ends would send them, from
secrets made of a seed, and the lines of the key log that open them."""
import hashlib, hmac, struct
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SALT = bytes.fromhex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')


def expand(secret, label, size):
    """HKDF-Expand-Label of RFC 8446, for up to 32 bytes."""
    label = b'tls13 ' + label
    info = struct.pack('>HB', size, len(label)) + label + b'\0'
    return hmac.new(secret, info + b'\1', hashlib.sha256).digest()[:size]


def number(value):
    """A variable-length integer."""
    if value < 64:
        return bytes([value])
    if value < 16384:
        return struct.pack('>H', value | 0x4000)
    return struct.pack('>I', value | 0x80000000)


class Keys:
    def __init__(self, secret):
        self.secret, self.phase = secret, 0
        self.aead = AESGCM(expand(secret, b'quic key', 16))
        self.iv = int.from_bytes(expand(secret, b'quic iv', 12), 'big')
        self.mask = Cipher(algorithms.AES(expand(secret, b'quic hp', 16)), modes.ECB()).encryptor()
        self.sent = 0

    def update(self):
        """RFC 9001, 6: a new key and nonce, the same header protection, and a bit that tells."""
        self.secret, self.phase = expand(self.secret, b'quic ku', 32), self.phase ^ 4
        self.aead = AESGCM(expand(self.secret, b'quic key', 16))
        self.iv = int.from_bytes(expand(self.secret, b'quic iv', 12), 'big')

    def seal(self, head, payload):
        """head: all before the packet number, of which two bytes are sent."""
        if not head[0] & 0x80:
            head = bytes([head[0] | self.phase]) + head[1:]
        head += struct.pack('>H', self.sent)
        box = self.aead.encrypt((self.iv ^ self.sent).to_bytes(12, 'big'), payload, head)
        self.sent += 1
        mask = self.mask.update(box[2:18])
        head = bytearray(head)
        head[0] ^= mask[0] & (0x0f if head[0] & 0x80 else 0x1f)
        head[-2] ^= mask[1]
        head[-1] ^= mask[2]
        return bytes(head) + box


def extension(kind, data):
    return struct.pack('>HH', kind, len(data)) + data


def handshake(kind, body):
    return bytes([kind]) + struct.pack('>I', len(body))[1:] + body


def client_hello(host, random):
    name = b'\0' + struct.pack('>H', len(host)) + host.encode()
    extensions = (extension(0, struct.pack('>H', len(name)) + name) + extension(43, b'\2\3\4') +
                  extension(16, b'\0\3\2h3') + extension(10, b'\0\2\0\x1d') + extension(13, b'\0\2\x08\4') +
                  extension(51, b'\0\x24\0\x1d\0\x20' + bytes(32)) + extension(57, b'\x0f\0'))
    return handshake(1, b'\3\3' + random + b'\0\0\2\x13\1\1\0' + struct.pack('>H', len(extensions)) + extensions)


def server_hello(random):
    extensions = extension(43, b'\3\4') + extension(51, b'\0\x1d\0\x20' + bytes(32))
    return handshake(2, b'\3\3' + random + b'\0\x13\1\0' + struct.pack('>H', len(extensions)) + extensions)


def field(name, value):
    """A field line with a literal name (RFC 9204, 4.5.6)."""
    name, value = name.encode(), value.encode()
    prefix = bytes([0x20 | len(name)]) if len(name) < 7 else bytes([0x27, len(name) - 7])
    size = bytes([len(value)]) if len(value) < 127 else bytes([127]) + (
        bytes([len(value) - 127]) if len(value) < 255 else bytes([len(value) - 127 & 127 | 128, len(value) - 127 >> 7]))
    return prefix + name + size + value


def http3_frame(kind, data):
    return number(kind) + number(len(data)) + data


def request(host, target, media, coding, body, method):
    fields = [(':method', method), (':scheme', 'https'), (':authority', host), (':path', target)]
    fields += [('content-type', media)] if media else []
    fields += [('content-encoding', coding)] if coding else []
    out = http3_frame(1, b'\0\0' + b''.join(field(*f) for f in fields))
    for at in range(0, len(body), 5000):
        out += http3_frame(0, body[at:at + 5000])
    return out


def stream_frames(stream, data, end=True):
    """STREAM frames with offset and length, each to fill a packet."""
    for at in range(0, len(data), 1150):
        piece = data[at:at + 1150]
        last = end and at + len(piece) == len(data)
        yield number(0x0e | (1 if last else 0)) + number(stream) + number(at) + number(len(piece)) + piece


def connection(seed, host, target, media, coding, body, method='POST', update_every=0):
    """(datagrams as (to_server, bytes), lines of the key log); keys are updated every so many packets"""
    def secret(of):
        return hashlib.sha256(f'{seed} {of}'.encode()).digest()

    first_id, client_id, server_id, random = secret('id')[:8], secret('client id')[:8], secret('server id')[:8], secret('random')
    initial = hmac.new(SALT, first_id, hashlib.sha256).digest()
    to_server, to_client = Keys(expand(initial, b'client in', 32)), Keys(expand(initial, b'server in', 32))

    def long_packet(keys, target_id, own_id, payload, room):
        payload += bytes(max(0, room - len(payload)))
        head = b'\xc1\0\0\0\1' + bytes([len(target_id)]) + target_id + bytes([len(own_id)]) + own_id + b'\0'
        return keys.seal(head + number(len(payload) + 2 + 16), payload)

    def crypto(message):
        return b'\6\0' + number(len(message)) + message

    turns = [(True, long_packet(to_server, first_id, client_id, crypto(client_hello(host, random)), 1200)),
             (False, long_packet(to_client, client_id, server_id, crypto(server_hello(secret('server random'))), 1200))]
    client, server = Keys(secret('client secret')), Keys(secret('server secret'))
    # What each end says about itself, then the request and its answer.
    frames = list(stream_frames(2, b'\0' + http3_frame(4, b''), False)) + list(stream_frames(0, request(host, target, media, coding, body, method)))
    for index, frame in enumerate(frames):
        if update_every and index and index % update_every == 0:
            client.update()
            server.update()
            turns.append((False, server.seal(b'\x41' + client_id, b'\2\0\0\0' + bytes(20))))  # an acknowledgement
        turns.append((True, client.seal(b'\x41' + server_id, frame)))
    answer = http3_frame(1, b'\0\0' + field(':status', '200'))
    for frame in list(stream_frames(3, b'\0' + http3_frame(4, b''), False)) + list(stream_frames(0, answer)):
        turns.append((False, server.seal(b'\x41' + client_id, frame + bytes(20))))
    lines = [f'CLIENT_TRAFFIC_SECRET_0 {random.hex()} {secret("client secret").hex()}',
             f'SERVER_TRAFFIC_SECRET_0 {random.hex()} {secret("server secret").hex()}']
    return turns, lines
