#!/usr/bin/env python3
"""Faults of interfaces, in a network namespace of its own: a pair of virtual cards, a capture sent into one
end, the doctor at the other.

usage: doctor_live.py --gnomon BIN

Exits 77 without the right to make network namespaces.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
from break_capture import FAULTS, Ip, join  # noqa: E402

OFFICE = [os.path.join(ROOT, 'pcaps', c + '.pcap') for c in (
    'browser/chat-tcp', 'browser/ordinary', 'api/curl-tls13', 'sdk/openai', 'dns/records')]


def skip(why):
    print('skipped: ' + why)
    sys.exit(77)


def ip(*words, quiet=False):
    return subprocess.run(['ip', *words], check=not quiet, capture_output=True, text=True)


def enter_namespace():
    if os.geteuid() != 0:
        skip('wants root')
    if not shutil.which('ethtool'):
        skip('wants ethtool')
    if os.environ.get('GNOMON_DOCTOR_NAMESPACE') != '1':
        environment = dict(os.environ, GNOMON_DOCTOR_NAMESPACE='1')
        try:
            works = subprocess.run(['unshare', '--net', 'ip', 'link', 'add', 'name', 'probe0', 'type', 'veth',
                                    'peer', 'name', 'probe1'],
                                   capture_output=True).returncode == 0
        except FileNotFoundError:
            works = False
        if not works:
            skip('network namespaces or virtual cards cannot be made')
        # /sys shows the cards of the namespace that it was mounted in.
        again = ['unshare', '--net', '--mount', 'sh', '-c', 'mount -t sysfs none /sys && exec "$@"', 'sh']
        sys.exit(subprocess.run([*again, sys.executable, *sys.argv], env=environment).returncode)


def make_pair(inside, outside):
    ip('link', 'add', 'name', inside, 'type', 'veth', 'peer', 'name', outside)
    for card in (inside, outside):
        # Without IPv6 the kernel says nothing by itself.
        with open('/proc/sys/net/ipv6/conf/%s/disable_ipv6' % card, 'w') as out:
            out.write('1')
        subprocess.run(['ethtool', '-K', card, 'gro', 'off', 'gso', 'off', 'tso', 'off', 'tx', 'off'], capture_output=True)
        ip('link', 'set', card, 'mtu', '9000', 'up')
    for card in (inside, outside):  # frames get through once the kernel has looked at the carrier
        until(lambda: open('/sys/class/net/%s/operstate' % card).read().strip() == 'up')


def listens(running):
    """Whether it takes what comes: it makes its threads once all its rings are open. Before that it throws
    frames away, though the card takes every frame already."""
    try:
        return len(os.listdir('/proc/%d/task' % running.pid)) > 1
    except FileNotFoundError:
        return False


def until(claim, seconds=90):
    give_up = time.monotonic() + seconds
    while not claim() and time.monotonic() < give_up:
        time.sleep(0.05)


def number(card, what):
    with open('/sys/class/net/%s/%s' % (card, what)) as told:
        return int(told.read())


def send(card, frames):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((card, 0))
    for at, frame in enumerate(frames):
        out.send(frame.data)
        if at % 64 == 63:
            time.sleep(0.002)
    out.close()


def doctor(gnomon, card, frames=(), sender=None, seconds=180, options=(), asleep=False):
    """Sends the frames as soon as the doctor listens, and ends it when they have come. Asleep it takes none
    of them before all were sent."""
    running = subprocess.Popen([gnomon, 'doctor', '-i', card, '--seconds', str(seconds), '--format', 'json', *options],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if frames:
        until(lambda: listens(running) or running.poll() is not None)
        before = number(card, 'statistics/rx_packets')
        if asleep:
            running.send_signal(signal.SIGSTOP)
        send(sender, frames)
        until(lambda: number(card, 'statistics/rx_packets') - before >= len(frames))
        if asleep:
            running.send_signal(signal.SIGCONT)
            time.sleep(1)  # it gets through what is in the ring sooner or later
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=240)
    if running.returncode not in (0, 3):
        return {'exit %d: %s' % (running.returncode, err.strip())}, {}
    told = json.loads(out)
    return {fault['check'] for fault in told['faults']}, told


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    enter_namespace()
    wrong = 0

    def expect(what, named, must, may=frozenset()):
        nonlocal wrong
        if must <= named <= must | set(may):
            return
        wrong += 1
        print('%s: named %s, wanted %s' % (what, sorted(named), sorted(must)))

    make_pair('span', 'switch')
    office = join(OFFICE)
    named, told = doctor(gnomon, 'span', office, 'switch')
    expect('a healthy mirror', named, set())
    if told and told['frames'] != len(office):
        wrong += 1
        print('a healthy mirror: %d of %d frames came' % (told['frames'], len(office)))

    expect('nothing comes', doctor(gnomon, 'span', seconds=1)[0], {'no-traffic'})
    for fault, check in (('only-to-server', 'one-sided'), ('duplicates', 'duplicates'),
                         ('vlan-per-direction', 'vlan-per-direction'), ('unknown-gre', 'tunnel-not-decoded'),
                         ('no-dns', None), ('wrong-interface', 'wrong-interface')):
        frames = FAULTS[fault](office)
        expect(fault, doctor(gnomon, 'span', frames, 'switch')[0], {check} if check else set())

    # A ring that is too small for one who is too slow.
    expect('a small ring', doctor(gnomon, 'span', office * 8, 'switch', options=('--buffer', '2', '--workers', '1'),
                                  asleep=True)[0], {'kernel-drops'}, {'gaps', 'few-names', 'one-sided', 'no-dns'})

    # What the card would have joined: longer than the wire carries.
    frames = [f for f in FAULTS['merged'](office) if len(f.data) <= 9014]
    expect('merged', doctor(gnomon, 'span', frames, 'switch')[0], {'merged-frames'}, {'gaps', 'few-names'})

    # This machine's own traffic is no mirror. There is no route, so nothing is answered.
    clients = {socket.inet_ntoa(at.source) for f in office if (at := Ip(f.data)).protocol and at.version == 4 and at.to_server}
    for client in clients:
        ip('addr', 'add', client + '/32', 'dev', 'span')
    office4 = [f for f in office if f.data[12:14] == b'\x08\x00']
    expect("this machine's own", doctor(gnomon, 'span', office4, 'switch')[0], {'wrong-interface'})
    ip('addr', 'flush', 'dev', 'span')

    subprocess.run(['ethtool', '-K', 'span', 'gro', 'on'], capture_output=True)
    named, told = doctor(gnomon, 'span', office, 'switch')
    if told and told['interface'].get('GRO') == 'on':
        expect('GRO on', named, {'offload-on'}, {'merged-frames'})
    subprocess.run(['ethtool', '-K', 'span', 'gro', 'off'], capture_output=True)

    ip('link', 'set', 'switch', 'down')
    until(lambda: number('span', 'carrier') == 0)
    expect('no carrier', doctor(gnomon, 'span')[0], {'no-carrier'})
    ip('link', 'set', 'span', 'down')
    expect('switched off', doctor(gnomon, 'span')[0], {'interface-down'})

    # A TAP gives each direction an interface of its own.
    make_pair('tapa', 'wirea')
    make_pair('tapb', 'wireb')
    running = subprocess.Popen([gnomon, 'doctor', '-i', 'tapa', '-i', 'tapb', '--seconds', '180', '--format', 'json'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: listens(running) or running.poll() is not None)
    tapped = [f for f in join([OFFICE[0]]) if Ip(f.data).protocol]
    for frame in tapped:
        send('wirea' if Ip(frame.data).to_server else 'wireb', [frame])
    until(lambda: sum(number(card, 'statistics/rx_packets') for card in ('tapa', 'tapb')) >= len(tapped))
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=240)
    told = json.loads(out) if running.returncode in (0, 3) else {'faults': [{'check': err}], 'frames': 0}
    expect('a TAP', {fault['check'] for fault in told['faults']}, set(), {'gaps', 'few-names', 'no-dns'})
    if told['frames'] != len(tapped):
        wrong += 1
        print('a TAP: %d of %d frames came' % (told['frames'], len(tapped)))

    running = subprocess.Popen([gnomon, 'doctor', '-i', 'tapa', '--seconds', '5', '--format', 'json'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: listens(running) or running.poll() is not None)
    ip('link', 'del', 'tapa')
    out, err = running.communicate(timeout=240)
    expect('gone meanwhile', {fault['check'] for fault in json.loads(out)['faults']} if out else {err},
           {'interface-lost'}, {'no-traffic'})

    done = subprocess.run([gnomon, 'doctor', '-i', 'nosuch0'], capture_output=True, text=True, timeout=240)
    if done.returncode != 1 or "no interface 'nosuch0'" not in done.stderr or 'span' not in done.stderr:
        wrong += 1
        print('no such interface: exit %d, %s' % (done.returncode, done.stderr.strip()))
    print('every fault named, no other' if not wrong else '%d wrong' % wrong)
    return 1 if wrong else 0


sys.exit(main())
