#!/usr/bin/env python3
"""Measures on pcaps/shapes how well streamed answers are told from other traffic (docs/shadow.md).

usage: evaluate.py --gnomon BIN [--seed 1|2] [--workers N]

A session is one host of a plan (pcaps/lib/shape_plan.mjs): those named s..-... stream answers, those
named o..-... do not. Seed 2 is for measuring: nothing was tuned on it. Fails when precision is below
95 % or recall below 90 %, or when a session was not seen at all.
"""
import argparse
import glob
import json
import math
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
SESSION = re.compile(r'([so])\d\d-(\w+)\.shapes\.example')


def interval(hits, total, digits=1):
    """Wilson, 95 %."""
    if not total:
        return 'none'
    p, z = hits / total, 1.96
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    share, low, high = (f'{100 * each:.{digits}f}' for each in (p, middle - half, middle + half))
    return f'{hits}/{total} = {share} % (95 %: {low} to {high})'


def sessions(gnomon, capture, workers):
    done = subprocess.run([gnomon, 'replay', '--db', ':memory:', '--events', '-', '--workers', str(workers), capture],
                          cwd=ROOT, capture_output=True, text=True, timeout=600)
    if done.returncode not in (0, 3):
        sys.exit(f'{capture}: exit code {done.returncode}: {done.stderr.strip()}')
    seen = {}
    for line in done.stdout.splitlines():
        event = json.loads(line)
        found = SESSION.fullmatch(event.get('gnomon', {}).get('host', ''))
        if event['event_type'] == 'flow' and found:
            streamed = event['gnomon'].get('stream', {}).get('streamed', 0)
            seen[found.group(0)] = seen.get(found.group(0), 0) + streamed
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    parser.add_argument('--seed', type=int, default=2)
    parser.add_argument('--workers', type=int, default=2)
    options = parser.parse_args()
    right = missed = false = quiet = 0
    for capture in sorted(glob.glob(os.path.join(ROOT, 'pcaps', 'shapes', f'*-{options.seed}.pcap.zst'))):
        seen = sessions(options.gnomon, capture, options.workers)
        flagged = sorted(host for host, streamed in seen.items() if streamed)
        print(f'{os.path.basename(capture)}: {len(flagged)} of {len(seen)} sessions streamed')
        for host in sorted(seen):
            if host[0] == 's' and not seen[host]:
                print('  missed:', host)
            if host[0] == 'o' and seen[host]:
                print('  false: ', host)
        right += sum(host[0] == 's' for host in flagged)
        missed += sum(host[0] == 's' and not streamed for host, streamed in seen.items())
        false += sum(host[0] == 'o' for host in flagged)
        quiet += sum(host[0] == 'o' and not streamed for host, streamed in seen.items())
    print('precision', interval(right, right + false))
    print('recall   ', interval(right, right + missed))
    if right + missed < 45 or false + quiet < 50:
        sys.exit('sessions are missing')
    if right < 0.95 * (right + false) or right < 0.90 * (right + missed):
        sys.exit('not good enough')


if __name__ == '__main__':
    main()
