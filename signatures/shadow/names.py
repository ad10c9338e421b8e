"""What of a host name the model looks at. src/identify/shadow_name.cc does the same in C++; the test
shadow_name_test.cc holds the two together (signatures/shadow/examples.tsv)."""
import gzip
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
LABEL_BYTES_MAX = 40   # of the chosen label, the rest is not looked at
GRAM_MIN, GRAM_MAX = 2, 7
WORD_MAX = 12
STARTUP = set('io app so co dev xyz art chat run tech studio design me ly sh tools cloud pro fun space online site '
              'live one ink vip top im bot agency digital gg fm new world life club'.split())


def read_names(file_name):
    with gzip.open(os.path.join(FOLDER, file_name), 'rt', encoding='ascii') as file:
        return [line.strip() for line in file if not line.startswith('#')]


def read_words():
    words, kind = {}, 0
    for line in open(os.path.join(FOLDER, 'words.txt'), encoding='ascii'):
        if line.startswith('#'):
            continue
        if line.rstrip() in ('strong:', 'topic:'):
            kind = 2 if line.startswith('strong') else 1
            continue
        for word in line.split():
            words[word] = kind
    return words


def read_suffixes():
    second, hosts, labels = set(), {}, {}
    for line in open(os.path.join(FOLDER, 'suffixes.txt'), encoding='ascii'):
        part = line.split()
        if not part or part[0] == '#' or part[0].startswith('#'):
            continue
        weight = float(part[2]) if len(part) > 2 else 0.0
        if part[0] == 'second':
            second.add(part[1])
        elif part[0] == 'host':
            hosts[part[1]] = weight
        elif part[0] == 'label':
            labels[part[1]] = weight
    return second, hosts, labels


WORDS = read_words()
SECOND, HOSTS, LABELS = read_suffixes()


def split(host):
    """(labels before, chosen label, 'tld', 'second' or 'host', its suffix)"""
    labels = host.split('.')
    for count in (3, 2):
        if len(labels) > count:
            suffix = '.'.join(labels[-count:])
            if suffix in HOSTS:
                return labels[:-count - 1], labels[-count - 1], 'host', suffix
    if len(labels) > 2 and '.'.join(labels[-2:]) in SECOND:
        return labels[:-3], labels[-3], 'second', '.'.join(labels[-2:])
    if len(labels) > 1:
        return labels[:-2], labels[-2], 'tld', labels[-1]
    return [], labels[0], 'tld', ''


def words_in(label):
    """Words from left to right, the longest first; short ones count at an edge or beside another."""
    found, at = [], 0
    while at < len(label):
        for size in range(min(WORD_MAX, len(label) - at), 1, -1):
            kind = WORDS.get(label[at:at + size])
            if kind:
                found.append((at, size, kind))
                at += size
                break
        else:
            at += 1
    kept = []
    for i, (at, size, kind) in enumerate(found):
        end = at + size
        edge = (at == 0 or end == len(label) or label[at - 1] == '-' or label[end] == '-' or
                (i > 0 and found[i - 1][0] + found[i - 1][1] == at) or
                (i + 1 < len(found) and found[i + 1][0] == end))
        if size >= 6 or edge:
            kept.append((at, size, kind))
    return kept


def features(host):
    before, label, kind, suffix = split(host)
    out = set()
    tld = suffix.rsplit('.', 1)[-1]
    if kind == 'second':
        out.add('=second')
        if tld != 'ai':
            out.add('tld=' + tld)
    elif kind == 'tld':
        out.add('tld=' + tld)
    label = label[:LABEL_BYTES_MAX]
    if label.startswith('xn--'):
        out.add('=punycode')
        return out
    marked = '^' + label + '$'
    for at in range(len(marked)):
        for size in range(GRAM_MIN, min(GRAM_MAX, len(marked) - at) + 1):
            out.add(marked[at:at + size])
    out.add('=length%d' % min(len(label) // 4, 5))
    if re.search('[0-9]', label):
        out.add('=digit')
    if '-' in label:
        out.add('=hyphen')
    found = words_in(label)
    letters = len(label) - label.count('-')
    covered = sum(size for _, size, _ in found)
    strong = sum(kind == 2 for _, _, kind in found)
    out.add('=covered%d' % min(4, covered * 4 // max(letters, 1)))
    out.add('=words%d' % min(3, len(found)))
    out.add('=strong%d' % min(2, strong))
    whole = covered >= letters
    if whole and len(found) >= 2:
        out.add('=only-words')
    if whole and strong:
        out.add('=only-words-strong')
    startup = kind == 'tld' and tld in STARTUP
    out.add('=startup%d' % startup)
    if startup and found:
        out.add('=startup-word')
    if startup and len(label) <= 6:
        out.add('=startup-short')
    if len(label) > 4:
        if label.endswith('ai'):
            out.add('=ends-ai')
            end = len(label) - 2 - (label[-3] == '-')
            if any(at + size == end for at, size, _ in found):
                out.add('=word-ai')
        if label.startswith('ai'):
            begin = 2 + (label[2] == '-')
            if any(at == begin for at, _, _ in found):
                out.add('=ai-word')
    if label == 'ai' or label.startswith('ai-') or label.endswith('-ai') or '-ai-' in label:
        out.add('=ai-token')
    return out
