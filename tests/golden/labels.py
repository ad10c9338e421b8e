#!/usr/bin/env python3
"""Checks how flows are labelled (web chat, API, coding assistant, agent, MCP, model download, embedded,
crawler, telemetry) against labels.tsv, on what the golden tests hold.

usage: labels.py [--list]

A row of labels.tsv names a capture's golden file, a host and port ("*" for all), how many connections
there are of it, and the label that they must carry; "-" stands for none, and "api?" for those that should
be API and are not told. What run.py compares with the program is read, so nothing is replayed. Fails when
a label is not as the table has it, or when a connection of a capture in the table has no row. --list
prints what there is, in the table's form.
"""
import argparse
import collections
import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NOT_COUNTED = {53, 67, 68, 5353}  # names and addresses


def seen(path):
    """{(host, port): Counter of labels} of the connections in a golden file."""
    found = collections.defaultdict(collections.Counter)
    with open(path, encoding='utf-8') as file:
        for line in file:
            if '"event_type": "flow"' not in line:
                continue
            event = json.loads(line)
            port = event.get('dest_port')
            if event['proto'] in ('TCP', 'UDP') and port and port not in NOT_COUNTED and event.get('src_port') != 5353:
                label = event['gnomon'].get('usage', '-')
                found[(event['gnomon'].get('host') or event['dest_ip'], str(port))][label] += 1
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true')
    options = parser.parse_args()
    golden = {os.path.basename(path)[:-4]: seen(path) for path in glob.glob(os.path.join(HERE, 'expected', '*.txt'))}
    if options.list:
        for capture in sorted(golden):
            for (host, port), labels in golden[capture].items():
                for label, count in sorted(labels.items()):
                    print(capture, host, port, count, label, sep='\t')
        return 0
    wanted = collections.defaultdict(collections.Counter)
    with open(os.path.join(HERE, 'labels.tsv'), encoding='utf-8') as file:
        for line in file:
            if not line.startswith('#'):
                capture, host, port, count, label = line.rstrip('\n').split('\t')
                wanted[(capture, host, port)][label] += int(count)
    right, total, failed = 0, 0, False
    by_label = collections.defaultdict(lambda: [0, 0, 0])  # right, wanted, told
    for (capture, host, port), labels in sorted(wanted.items()):
        told = golden.get(capture, {}).pop((host, port), collections.Counter())
        expected, truth = collections.Counter(), collections.Counter()
        for label, count in labels.items():
            expected['-' if label.endswith('?') else label] += count
            truth[label.rstrip('?')] += count
        for label in truth | told:
            same, row = min(truth[label], told[label]), by_label[label]
            row[0], row[1], row[2] = row[0] + same, row[1] + truth[label], row[2] + told[label]
            right += same
        total += sum(truth.values())
        if told != expected:
            failed = True
            print(f'{capture} {host}:{port}: wanted {dict(expected)}, told {dict(told)}')
    for label, (same, want, told) in sorted(by_label.items()):
        print(f'{label}: {same} of {want} told, {told - same} of {told} wrongly')
    rest = [(capture, *key) for capture, keys in golden.items() for key in keys if any(c == capture for c, _, _ in wanted)]
    for each in sorted(rest):
        print('no row for', *each)
    print(f'{right} of {total} connections labelled as they should be: {100 * right / total:.1f} %')
    return 1 if failed or rest else 0


if __name__ == '__main__':
    sys.exit(main())
