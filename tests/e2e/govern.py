#!/usr/bin/env python3
"""From a capture to a decision to a rating to an alert, as a governance team goes, with the program.

usage: govern.py --gnomon BIN
"""
import argparse
import json
import os
import re
import stat
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
FIRST = 'pcaps/browser/chat-tcp.pcap'
SECOND = 'pcaps/browser/chat-quic.pcap'

parser = argparse.ArgumentParser()
parser.add_argument('--gnomon', required=True)
gnomon = os.path.abspath(parser.parse_args().gnomon)
failures = []


def run(*words, code=0, stdin=None):
    done = subprocess.run([gnomon, *words], cwd=ROOT, capture_output=True, text=True, timeout=120,
                          input=stdin)
    if done.returncode != code:
        failures.append(f"{' '.join(words)}: exit {done.returncode}, wanted {code}\n"
                        f"{done.stdout}{done.stderr}")
    return done


def check(claim, what):
    if not claim:
        failures.append(what)


def categories_are_detectors():
    """Rules and rubric that name a category which no detector has would never hold."""
    def texts(folder):
        for name in sorted(os.listdir(os.path.join(ROOT, 'signatures', folder))):
            with open(os.path.join(ROOT, 'signatures', folder, name), encoding='utf-8') as file:
                yield file.read()
    known = {word for text in texts('detectors') for word in re.findall(r'^ *category: ([a-z-]+)', text, re.M)}
    check(len(known) > 8, 'the detectors have no categories')
    with open(os.path.join(ROOT, 'signatures/risk.yaml'), encoding='utf-8') as file:
        lists = re.findall(r'categories: \[([^]]*)]', file.read())
    lists += [each for text in texts('policies') for each in re.findall(r'finding_category: \[?([^]\n]*)', text)]
    check(len(lists) > 6, 'rules and rubric name no categories')
    for word in {word.strip() for each in lists for word in each.split(',')}:
        check(word.split('.')[0] in known, f'no detector has the category {word}')


def events(path, kind):
    with open(path, encoding='utf-8') as lines:
        return [e for e in map(json.loads, lines) if e['event_type'] == kind]


def main(folder):
    categories_are_detectors()
    db = os.path.join(folder, 'g.db')
    with_db = ('--db', db)
    told = os.path.join(folder, 'events.json')
    run('replay', *with_db, '--events', told, FIRST)
    apps = json.loads(run('inventory', *with_db, '--format', 'json').stdout)
    used = {e['gnomon']['app'] for e in events(told, 'flow')
            if e.get('gnomon', {}).get('grade') in ('session', 'use', 'content')
            and e['gnomon'].get('app')}
    check(used, 'the first capture shows no use of an app')
    second_told = os.path.join(folder, 'second.json')
    run('replay', '--db', os.path.join(folder, 'other.db'), '--events', second_told, SECOND)
    both = sorted(used & {e['gnomon']['app'] for e in events(second_told, 'flow')
                          if e.get('gnomon', {}).get('grade') in ('session', 'use', 'content')
                          and e['gnomon'].get('app')})
    check(both, 'no app is used in both captures')
    if failures:
        return
    app = both[0]
    check(str(apps).find(app) >= 0, f'{app} is not in the inventory')

    # A decision, and its rating with the reason.
    run('review', app, *with_db, '--status', 'unsanctioned', '--reason', 'no contract',
        '--review-date', '2020-01-01', '--link', 'https://wiki.example/ai', '--actor', 'ada')
    history = json.loads(run('risk', 'history', app, *with_db, '--format', 'json').stdout)
    check(len(history) == 2, f'the rating changed {len(history)} times')
    check(history[-1]['score'] == history[0]['score'] + 6 + 4,
          'unsanctioned and overdue do not give ten points more')
    check(any('unsanctioned' in why for why in history[-1]['why']), 'the history does not say why')
    run('review', app, *with_db, '--status', 'tolerated', '--expect-version', '7', code=1)

    # The same capture again, then another: use against the decision is told once.
    other = os.path.join(folder, 'second-events.json')
    run('replay', *with_db, '--events', other, SECOND)
    alerts = [e for e in events(other, 'alert')
              if e['gnomon'].get('rule') == 'unsanctioned-in-use' and e['gnomon']['app'] == app]
    check(alerts, 'no alert of use against the decision')
    open_alerts = json.loads(run('alert', 'list', *with_db, '--kind', 'unsanctioned-in-use',
                                 '--format', 'json').stdout)
    check(len(open_alerts) == len({a['id'] for a in open_alerts}) >= 1, 'alerts are told twice')
    shown = run('alert', 'show', open_alerts[0]['id'], *with_db).stdout
    check('sighting' in shown and 'frame' in shown, 'the alert is not traced to packets')
    for alert in open_alerts:
        run('alert', 'ack', alert['id'], *with_db, '--note', 'talked to them', '--actor', 'eve')
    left = json.loads(run('alert', 'list', *with_db, '--kind', 'unsanctioned-in-use', '--format',
                          'json').stdout)
    check(left == [], 'acknowledged alerts are still open')
    run('alert', 'ack', 'nothing', *with_db, code=1)

    # Rules against the past: nothing is written.
    before = run('alert', 'list', '--all', *with_db, '--format', 'json').stdout
    tested = run('policy', 'test', 'unsanctioned-in-use', *with_db).stdout
    check('Nothing was written' in tested and app in tested, 'policy test says nothing')
    check(before == run('alert', 'list', '--all', *with_db, '--format', 'json').stdout,
          'policy test wrote something')
    run('policy', 'check')
    bad = os.path.join(folder, 'bad.yaml')
    with open(bad, 'w', encoding='utf-8') as file:
        file.write('rules:\n  - id: x\n    sid: 1\n    title: T\n    for: app\n'
                   '    when: {colour: red}\n    then: {alert: low}\n')
    said = run('policy', 'check', bad, code=1).stderr
    check('bad.yaml:6:' in said and 'colour' in said, f'the bad rule is not told: {said}')
    run('policy', 'test', 'nothing', *with_db, code=1)

    # Groups, and decisions as a table.
    run('group', 'set', 'house', '10.0.0.0/8', '192.168.0.0/16', *with_db)
    run('group', 'set', 'wrong', '10.0.0.1/8', *with_db, code=1)
    run('review', app, *with_db, '--group', 'house', '--usage', 'upload', '--status', 'tolerated',
        '--owner', '=1+1')
    table = run('review', '--export', '-', *with_db).stdout
    check("'=1+1" in table, 'a formula leaves as one')
    check(run('review', '--import', '-', *with_db, stdin=table).returncode == 0, '')
    wrong = table + 'nothing,,,fine,,,,,,,,\r\n' + f'{app},web-chat,,tolerated,,,,,31.12.2026,,,\r\n'
    said = run('review', '--import', '-', *with_db, stdin=wrong, code=1).stderr
    check('-:4:4:' in said and '-:5:9:' in said, f'not every bad row is told: {said}')
    check(run('review', '--export', '-', *with_db).stdout == table, 'half of a table was stored')
    # On trial: what would be, and nothing is.
    unchanged = run('review', '--import', '-', '--dry-run', *with_db, stdin=table).stdout
    check('0 decisions would be stored' in unchanged, f'an unchanged table on trial: {unchanged}')
    run('review', '--import', '-', '--dry-run', *with_db,
        stdin=table + 'no-such-app,,,tolerated,,,,,,,,\r\n', code=1)
    run('review', app, *with_db, '--group', 'house', '--usage', 'upload', '--remove', '--dry-run')
    run('review', 'host.example', *with_db, '--candidate', 'dismiss', '--dry-run', code=1)
    run('review', app, *with_db, '--group', 'nobody', '--status', 'tolerated', '--dry-run', code=1)
    run('review', app, *with_db, '--group', 'house', '--remove', '--dry-run', code=1)
    run('review', app, *with_db, '--group', 'house', '--usage', 'upload', '--remove',
        '--status', 'tolerated', code=1)
    said = run('review', app, *with_db, '--group', 'house', '--usage', 'upload', '--status',
               'sanctioned', '--dry-run').stdout
    check('upload by house: tolerated -> sanctioned' in said, f'a trial tells another before: {said}')
    check(run('review', '--export', '-', *with_db).stdout == table, 'a trial stored something')
    run('review', '--where-status', 'unreviewed', '--status', 'under-review', *with_db)
    apps = json.loads(run('inventory', '--status', 'unreviewed', *with_db, '--format', 'json').stdout)
    check('"id"' not in json.dumps(apps.get('apps', apps) if isinstance(apps, dict) else apps),
          'some app is still unreviewed')
    fields = json.loads(run('register', app, *with_db, '--set', 'eu.risk_class=limited', '--format',
                            'json').stdout)
    check(all(f['value'] for f in fields), 'a field of a register is empty')
    check({f['framework'] for f in fields} == {'nist-ai-rmf', 'iso-42001', 'eu-ai-act'}, 'registers')
    run('register', app, *with_db, '--set', 'eu.risk_class=enormous', code=1)
    run('risk', 'override', app, '--score', '5', *with_db, code=1)  # without a reason
    run('risk', 'override', app, '--score', '5', '--reason', 'contract', *with_db)
    check(json.loads(run('risk', 'history', app, *with_db, '--format', 'json').stdout)[-1]['score']
          == 5, 'the override does not hold')

    # Under pseudonyms nothing names a client, and who has the key can tell.
    hidden = os.path.join(folder, 'hidden.db')
    hidden_told = os.path.join(folder, 'hidden.json')
    run('replay', '--pseudonyms', '--db', hidden, '--events', hidden_told, FIRST)
    clients = {e['src_ip'] for e in events(told, 'flow')}
    check(stat.S_IMODE(os.stat(hidden + '.key').st_mode) == 0o600, 'others may read the key')
    written = b''
    for path in (hidden, hidden + '-wal', hidden_told):
        if os.path.exists(path):
            with open(path, 'rb') as file:
                written += file.read()
    for client in clients:
        check(('"' + client + '"').encode() not in written, f'{client} is told')
    hidden_clients = {e['src_ip'] for e in events(hidden_told, 'flow')}
    check(len(hidden_clients) == len(clients), 'pseudonyms do not keep clients apart')
    pseudonym = sorted(hidden_clients)[0]
    run('reveal', pseudonym, '--db', hidden, code=1)
    said = run('reveal', pseudonym, '--db', hidden, '--reason', 'incident 1', '--actor', 'ada').stdout
    check(any(client in said for client in clients), f'nothing is revealed: {said}')
    run('replay', '--db', hidden, SECOND, code=1)
    check('pseudonyms' in run('privacy', '--db', hidden).stdout, 'privacy does not tell the mode')


with tempfile.TemporaryDirectory() as scratch:
    main(scratch)
for failure in failures:
    print(failure, file=sys.stderr)
sys.exit(1 if failures else 0)
