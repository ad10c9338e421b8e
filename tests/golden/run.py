#!/usr/bin/env python3
"""Replays the project's own captures and compares what comes out with what is expected.

usage: run.py --gnomon BIN [--update] [--only TEXT] [--workers N,N,...]

For each capture under pcaps/ the program is run once for each number of workers. Events and
inventory must be the same for all of them, the inventory without events too, and what is printed
equal tests/golden/expected/NAME.txt. Left out
of the comparison is what belongs to the machine and not to the capture: nDPI's words, which change
with its version, the folder of the capture, keyed hashes, and counters of memory. --update writes what is there
now; review the difference like code.
"""
import argparse
import concurrent.futures
import contextlib
import difflib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
EXPECTED = os.path.join(ROOT, 'tests', 'golden', 'expected')
SUFFIXES = ('.pcap', '.pcapng', '.pcap.gz', '.pcap.zst', '.pcapng.gz', '.pcapng.zst')
NOT_OF_CAPTURE = ('recorded_at_ns', 'value_hash')  # of the machine, and of the inventory's key
STATS_KEPT = ('coverage', 'flow', 'tls', 'quic', 'hello', 'dns', 'dhcp', 'http', 'decode', 'reassembly')


def captures(only):
    found = []
    for folder, _, files in os.walk(os.path.join(ROOT, 'pcaps')):
        if os.path.basename(folder) == 'shapes':
            continue  # tests/shapes/evaluate.py
        for name in files:
            if name.endswith(SUFFIXES):
                path = os.path.relpath(os.path.join(folder, name), ROOT)
                if only in path:
                    found.append(path)
    return sorted(found)


def without_machine(line):
    event = json.loads(line)
    event.pop('ndpi', None)
    if isinstance(event.get('gnomon'), dict):
        event['gnomon'].pop('value_hash', None)  # keyed with the machine
    if event.get('pcap_filename'):
        event['pcap_filename'] = os.path.basename(event['pcap_filename'])
    if event['event_type'] == 'stats':
        event['stats'] = {
            group: {k: v for k, v in values.items() if 'memory' not in k}
            for group, values in event['stats'].items() if group in STATS_KEPT
        }
    return json.dumps(event, ensure_ascii=False)


def rows_of(db):
    """All that the inventory holds but when it was made, and the counters of memory."""
    rows = {}
    with contextlib.closing(sqlite3.connect(f'file:{db}?mode=ro', uri=True)) as connection:
        connection.text_factory = bytes
        for (table,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            table = table.decode()
            found = connection.execute(f'SELECT * FROM "{table}"')
            names = [each[0] for each in found.description]
            kept = [i for i, name in enumerate(names) if name not in NOT_OF_CAPTURE]
            rows[table] = sorted(
                (tuple(row[i] for i in kept) for row in found
                 if not (table == 'run_counter' and b'memory' in row[1])), key=repr)
    return rows


def run(gnomon, capture, workers, with_events=True):
    """Events, the apps of the inventory, what went wrong, as the program printed them, and the rows
    of the inventory."""
    with tempfile.TemporaryDirectory() as folder:
        db, events = os.path.join(folder, 'g.db'), os.path.join(folder, 'events.json')
        told = ['--events', events] if with_events else []
        done = subprocess.run(
            [gnomon, 'replay', '--workers', str(workers), '--db', db, *told, capture],
            cwd=ROOT, capture_output=True, text=True, timeout=300)
        if done.returncode not in (0, 3):
            return None, f'exit code {done.returncode}: {done.stderr.strip()}'
        apps = subprocess.run([gnomon, 'inventory', '--db', db, '--format', 'csv'], cwd=ROOT,
                              capture_output=True, text=True, timeout=60)
        if apps.returncode != 0:
            return None, f'inventory: exit code {apps.returncode}: {apps.stderr.strip()}'
        raw = ''
        if with_events:
            with open(events, encoding='utf-8') as file:
                raw = file.read()
        return (raw, apps.stdout, done.returncode, done.stderr, rows_of(db)), None


def as_text(outcome):
    raw, apps, code, errors, _ = outcome
    lines = [f'exit code {code}']
    lines += [f'stderr: {line}' for line in errors.splitlines()]
    lines += ['', '# apps', apps.rstrip('\n'), '', '# events']
    lines += [without_machine(line) for line in raw.splitlines()]
    return '\n'.join(lines) + '\n'


def check(gnomon, capture, numbers, update):
    """What is wrong with the outcome for this capture; empty when nothing is."""
    outcomes = []
    for workers in numbers:
        outcome, problem = run(gnomon, capture, workers)
        if problem:
            return f'FAILED {capture}: {problem}'
        outcomes.append(outcome)
    if any(outcome != outcomes[0] for outcome in outcomes):
        return f'FAILED {capture}: the number of workers changes the outcome'
    alone, problem = run(gnomon, capture, numbers[-1], with_events=False)
    if problem:
        return f'FAILED {capture}, without events: {problem}'
    rows, rows_alone = outcomes[0][-1], alone[-1]
    if rows != rows_alone:
        tables = [table for table in rows if rows[table] != rows_alone.get(table)]
        return f'FAILED {capture}: without events the inventory differs in {", ".join(tables)}'
    text = as_text(outcomes[0])
    path = os.path.join(EXPECTED, capture[len('pcaps/'):].replace('/', '-') + '.txt')
    if update:
        os.makedirs(EXPECTED, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return ''
    try:
        with open(path, encoding='utf-8') as file:
            expected = file.read()
    except FileNotFoundError:
        expected = ''
    if text == expected:
        return ''
    difference = difflib.unified_diff(expected.splitlines(), text.splitlines(), 'expected', 'now',
                                      lineterm='', n=0)
    return '\n'.join([f'FAILED {capture}:'] + [line[:400] for line in list(difference)[:20]])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    parser.add_argument('--update', action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('--workers', default='1,3')
    arguments = parser.parse_args()
    gnomon = os.path.abspath(arguments.gnomon)
    numbers = [int(each) for each in arguments.workers.split(',')]
    names = captures(arguments.only)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(lambda name: check(gnomon, name, numbers, arguments.update), names))
    failed = [name for name, what in zip(names, said) if what]
    for what in filter(None, said):
        print(what)
    print(f'{len(names) - len(failed)} passed, {len(failed)} failed')
    return 1 if failed or not names else 0


if __name__ == '__main__':
    sys.exit(main())
