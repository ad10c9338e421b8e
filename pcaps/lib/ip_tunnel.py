#!/usr/bin/env python3
"""ip_tunnel.py DEVICE LOCAL REMOTE: IP-in-IP (RFC 2003) and 6in4 (RFC 4213) over a TUN device.

The kernel's own ipip and sit devices do the same, where the kernel has them.
"""

import fcntl
import os
import selectors
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
PROTOCOL_OF_VERSION = {4: socket.IPPROTO_IPIP, 6: socket.IPPROTO_IPV6}
PACKET_BYTES_MAX = 65535


def main() -> None:
    device, local, remote = sys.argv[1:]
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))

    outside = {}
    events = selectors.DefaultSelector()
    events.register(tun, selectors.EVENT_READ)
    for version, protocol in PROTOCOL_OF_VERSION.items():
        outside[version] = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
        outside[version].bind((local, 0))
        events.register(outside[version], selectors.EVENT_READ)

    while True:
        for key, _ in events.select():
            if key.fileobj == tun:
                packet = os.read(tun, PACKET_BYTES_MAX)
                version = packet[0] >> 4
                if version in outside:
                    outside[version].sendto(packet, (remote, 0))
            else:
                # A raw socket hands over the outer header too.
                packet = key.fileobj.recv(PACKET_BYTES_MAX)
                os.write(tun, packet[(packet[0] & 0x0F) * 4 :])


main()
