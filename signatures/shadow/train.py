#!/usr/bin/env python3
"""Trains the model that scores host names (docs/shadow.md), and measures it.

usage: train.py [--write] [--other FILE]... [--folds N]
       train.py --hold-out FOLDER [--fold K] [--folds N]

Positives are the registrable domains of the apps in signatures/ and the names in listed-names.txt.gz,
negatives those in ordinary-names.txt.gz and routed-names.txt.gz (collect.py). Without --write it only
measures: names are cut into folds, an app's domains always together, and each is scored by a model that
has not seen it. --other FILE:
further ordinary names, one a line, never trained on. --hold-out writes into FOLDER a model
that has not seen fold K, 0 when not given, (name-model.tsv) and the names that it has not seen (ai.txt, ordinary.txt), for
tests/shapes/evidence.py. Needs python3-numpy.
"""
import argparse
import collections
import glob
import hashlib
import math
import os
import random
import re
import sys

import numpy as np

import names

ROOT = os.path.dirname(names.FOLDER)
sys.path.insert(0, os.path.join(ROOT, '..', 'tests', 'shapes'))
from evaluate import interval
RIDGE, WEIGHT_AI = 20.0, 1.0
SEEN_AI_MIN, SEEN_ORDINARY_MIN = 3, 30
FLAGGED_WANTED = 0.0044  # of the routed names, those under .ai among them: where the threshold is put
# Whole top-level domains are on the preload list, so names under them are not listed one by one.
# They are given names that others have, about as often as such names are met.
ABSENT = [('app', 0.022), ('dev', 0.017), ('page', 0.001), ('new', 0.0005), ('day', 0.0005), ('ing', 0.0005)]


def catalogue():
    """[(app, [registrable domain])]: read by form, not as YAML, so that nothing has to be installed."""
    apps = []
    for path in sorted(glob.glob(os.path.join(ROOT, '**', '*.yaml'), recursive=True)):
        app, block = None, False
        for line in open(path, encoding='utf-8'):
            found = re.search(r'\bid:\s*"?([\w.-]+)', line)
            if found and re.match(r'\s*-?\s*\{?\s*-?\s*\{?id:', line.strip()):
                app = (os.path.basename(path) + ':' + found.group(1), [])
                apps.append(app)
            flow = re.search(r'\bdomains:\s*\[([^\]]*)\]?', line)
            if flow and app:
                app[1].extend(part.strip().strip('"') for part in flow.group(1).split(',') if part.strip())
                continue
            if re.match(r'\s*domains:\s*$', line):
                block = True
                continue
            item = re.match(r'\s*- "?([a-z0-9.-]+)"?\s*(#.*)?$', line)
            if block and item and app:
                app[1].append(item.group(1))
            elif block:
                block = False
    out = []
    for app, domains in apps:
        own = sorted({each for each in domains if '.' in each and not names.split(each)[0] and
                      names.split(each)[2] != 'host'})
        if own:
            out.append((app, own))
    return out


def ordinary(known):
    """(names on the preload list, names in lists for routing), none of them an app's."""
    preloaded = [host for host in names.read_names('ordinary-names.txt.gz') if host not in known]
    seen = known | set(preloaded)
    return preloaded, [host for host in names.read_names('routed-names.txt.gz') if host not in seen]


def surely_ordinary(host):
    # Most under .ai belong to AI too, but without them the top-level domain would decide alone.
    return 'gpt' not in host


def absent(hosts, rng):
    """Names under top-level domains that the list cannot have."""
    pool = [host for host in hosts if host.rsplit('.', 1)[1] in ('com', 'net', 'io', 'me', 'co', 'org', 'xyz', 'sh')]
    return [names.split(rng.choice(pool))[1] + '.' + tld
            for tld, share in ABSENT for _ in range(int(share * len(hosts)))]


# Syllables of Mandarin in Latin letters: names made of them end in "ai" without meaning AI, and the
# preload list has few.
SYLLABLES = ('a an ba bang bao bei bi bo chang cheng chi chu da dao de dian ding dong du duo fang fei fu gang gong gu '
             'guang guo han hao he hong hu hua huan hui ji jia jian jie jin jing jiu ju ka ke kong ku la lan le li lian '
             'liang ling liu long lu ma man mei men mi ming mo mu na nan ni nian niu pin ping pu qi qian qing qiu qu ren '
             'ri rong ru san sha shan shang shen shi shou shu si song su ta tan tao ti tian tong tu wan wang wei wen wo '
             'wu xi xia xian xiang xiao xin xing xiu xue ya yan yang yao ye yi yin ying you yu yuan yue yun za zai zhang '
             'zhao zhen zheng zhi zhong zhou zhu zi zong zu').split()
IN_AI = 'bai cai chai dai gai hai kai lai mai nai pai sai shai tai wai zhai guai huai kuai shuai kwai'.split()


def mandarin(rng, count=350):
    out = set()
    while len(out) < count:
        label = ''.join(rng.choice(SYLLABLES) for _ in range(rng.choice((1, 1, 2)))) + rng.choice(IN_AI)
        out.add(label + '.' + rng.choice(('com',) * 6 + ('cn',) * 3 + ('net', 'cc', 'top')))
    return sorted(out)


class Model:
    def __init__(self, index, weights, bias):
        self.index, self.weights, self.bias = index, weights, bias

    @staticmethod
    def rows(featured, index):
        flat, at = [], [0]
        for each in featured:
            flat.extend(index[name] for name in sorted(each) if name in index)
            at.append(len(flat))
        return np.array(flat, dtype=np.int32), np.array(at)

    def score(self, featured):
        flat, at = self.rows(featured, self.index)
        sums = np.concatenate([[0.0], np.cumsum(self.weights[flat])])
        return sums[at[1:]] - sums[at[:-1]] + self.bias


def train(ai, others, rounds=120):
    """Logistic regression on what each feature says by itself: a row holds, for each of its features,
    the log of how much commoner that is in names of AI, and the ridge draws towards those all counting
    alike. So a rare piece is believed as far as it was seen, which a plain ridge does not manage. Adam
    on all rows at once: the result depends on the data alone."""
    seen_ai, seen = collections.Counter(), collections.Counter()
    for each in ai:
        seen_ai.update(each)
    for each in others:
        seen.update(each)
    kept = sorted(name for name in seen_ai.keys() | seen.keys()
                  if seen_ai[name] >= SEEN_AI_MIN or seen[name] >= SEEN_ORDINARY_MIN)
    index = {name: i for i, name in enumerate(kept)}
    flat, at = Model.rows(ai + others, index)
    truth = np.concatenate([np.ones(len(ai)), np.zeros(len(others))])
    costs = np.where(truth > 0, WEIGHT_AI, 1.0)
    row_of = np.repeat(np.arange(len(truth)), np.diff(at))
    in_ai = np.array([seen_ai[name] + 1.0 for name in kept])
    in_others = np.array([seen[name] + 10.0 for name in kept])
    alone = np.log(in_ai / in_ai.sum() * in_others.sum() / in_others)
    model = Model(index, np.zeros(len(kept)), -2.0)
    factors = np.zeros(len(kept))
    m, v, mb, vb = np.zeros(len(kept)), np.zeros(len(kept)), 0.0, 0.0
    for step in range(1, rounds + 1):
        sums = np.concatenate([[0.0], np.cumsum(model.weights[flat])])
        z = sums[at[1:]] - sums[at[:-1]] + model.bias
        error = (1 / (1 + np.exp(-np.clip(z, -30, 30))) - truth) * costs
        slope = alone * np.bincount(flat, weights=error[row_of], minlength=len(kept)) + RIDGE * factors
        slope_b = error.sum()
        m, v = .9 * m + .1 * slope, .98 * v + .02 * slope * slope
        mb, vb = .9 * mb + .1 * slope_b, .98 * vb + .02 * slope_b * slope_b
        rate = 0.08 if step < rounds * 0.6 else 0.02
        factors = factors - rate * (m / (1 - .9 ** step)) / (np.sqrt(v / (1 - .98 ** step)) + 1e-6)
        model.weights = factors * alone
        model.bias -= rate * (mb / (1 - .9 ** step)) / (math.sqrt(vb / (1 - .98 ** step)) + 1e-6)
    return model


def fold_of(text, folds):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], 'big') % folds


def threshold_for(scores, share):
    ordered = np.sort(scores)[::-1]
    return float(ordered[int(len(ordered) * share)])


def training_set(apps, listed, others, keep):
    """Features of positives and negatives, of the names that keep(text to be folded) keeps."""
    rng = random.Random(3)
    preloaded = others[0]
    ai = [names.features(host) for app, hosts in apps if keep(app) for host in hosts]
    ai += [names.features(host) for host in listed if keep(host)]
    rest = [names.features(host) for part in others for host in part if keep(host) and surely_ordinary(host)]
    return ai, rest + [names.features(host) for host in absent(preloaded, rng) + mandarin(rng)]


def measure(apps, listed, others, folds, further):
    groups = {
        'AI: apps': [(app, host) for app, hosts in apps for host in hosts],
        'AI: listed': [(host, host) for host in listed],
        'ordinary: preloaded': [(host, host) for host in others[0]],
        'ordinary: routed': [(host, host) for host in others[1]],
    }
    scores = {name: {} for name in groups}
    featured = [(path, hosts, [names.features(host) for host in hosts]) for path, hosts in further]
    z_further = [np.zeros(len(hosts)) for _, hosts, _ in featured]
    for fold in range(folds):
        model = train(*training_set(apps, listed, others, lambda text: fold_of(text, folds) != fold))
        for name, rows in groups.items():
            test = [host for text, host in rows if fold_of(text, folds) == fold]
            scores[name].update(zip(test, model.score([names.features(host) for host in test])))
        for i, (_, _, each) in enumerate(featured):
            z_further[i] += model.score(each) / folds
    routed = np.array(list(scores['ordinary: routed'].values()))
    threshold = threshold_for(routed, FLAGGED_WANTED)
    print(f'{len(apps)} apps, {folds} folds; threshold {threshold:.3f}')
    for name, found in scores.items():
        print(f'{name}:', interval(sum(z > threshold for z in found.values()), len(found), 2))
        for part, inside in (('under .ai', True), ('elsewhere', False)):
            z = [value for host, value in found.items() if host.endswith('.ai') == inside]
            print(f'  {part}:', interval(sum(each > threshold for each in z), len(z), 2))
    all_ai = np.array(list(scores['AI: apps'].values()) + list(scores['AI: listed'].values()))
    print('AI, both:', interval(int((all_ai > threshold).sum()), len(all_ai), 2))
    for (path, hosts, _), z in zip(featured, z_further):
        print(f'flagged of {os.path.basename(path)}:', interval(int((z > threshold).sum()), len(hosts), 2))
        for share in (0.002, 0.005, 0.01):
            level = threshold_for(z, share)
            print(f'  AI flagged where {100 * share:.1f} % of these are: {100 * (all_ai > level).mean():.1f} %')
    return threshold


def hold_out(apps, listed, others, fold, folds, folder):
    os.makedirs(folder, exist_ok=True)
    model = train(*training_set(apps, listed, others, lambda text: fold_of(text, folds) != fold))
    write_model(model, load()[1], os.path.join(folder, 'name-model.tsv'))
    ai = [h for app, hosts in apps if fold_of(app, folds) == fold for h in hosts]
    for name, hosts in (('ai.txt', ai + [h for h in listed if fold_of(h, folds) == fold]),
                        ('ordinary.txt', [h for part in others for h in part if fold_of(h, folds) == fold])):
        with open(os.path.join(folder, name), 'w', encoding='ascii') as out:
            out.write('\n'.join(hosts) + '\n')


def write(apps, listed, others, threshold):
    model = train(*training_set(apps, listed, others, lambda _: True))
    write_model(model, threshold, os.path.join(names.FOLDER, 'name-model.tsv'))
    write_examples()


def write_model(model, threshold, path):
    with open(path, 'w', encoding='ascii') as out:
        out.write('# Made by train.py; log-odds of what a host name holds. ^ begins a label, $ ends it.\n')
        out.write(f'!bias\t{model.bias:.4f}\n!threshold\t{threshold:.4f}\n')
        kept = 0
        for name, i in sorted(model.index.items()):
            if abs(model.weights[i]) >= 0.02:
                out.write(f'{name}\t{model.weights[i]:.3f}\n')
                kept += 1
    print(f'{kept} weights written to {path}')


def load():
    index, weights, extra = {}, [], {}
    for line in open(os.path.join(names.FOLDER, 'name-model.tsv'), encoding='ascii'):
        if line.startswith('#'):
            continue
        name, weight = line.rstrip('\n').split('\t')
        if name.startswith('!'):
            extra[name] = float(weight)
        else:
            index[name] = len(weights)
            weights.append(float(weight))
    return Model(index, np.array(weights), extra['!bias']), extra['!threshold']


def full_score(model, host):
    before, _, kind, suffix = names.split(host)
    z = float(model.score([names.features(host)])[0])
    if kind == 'host':
        z += names.HOSTS[suffix]
    return z + sum(names.LABELS.get(label, 0.0) for label in set(before))


def write_examples():
    """Scores that shadow_name_test.cc compares with its own."""
    model, threshold = load()
    hosts = '''lumenwrite.ai essaywriterpro.com chatgptmirror.xyz ai-headshots.io promptbase.com airport.com email.com
thai.com qingkuai.com visa.com.ai repairs.com chair.de maine.gov www.bbc.co.uk gpt.example.com ollama.corp.example
tinyllm.hf.space blog.vercel.app photo-ai-enhancer.app a.b xn--80ak6aa92e.com 123.com samurai.jp copy-writer.so
api.some-bot.dev mail.aitools.net storyvoice.art ai.ai ai-.com mygeneratedgeneratorgeneratedgeneratorgenerated.io
localhost 9gag.com videodubbing.studio ai2x.org text-to-speech-online.com mcp.weather.run'''.split()
    with open(os.path.join(names.FOLDER, 'examples.tsv'), 'w', encoding='ascii') as out:
        for host in hosts:
            out.write(f'{host}\t{full_score(model, host) - threshold:.3f}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--other', action='append', default=[])
    parser.add_argument('--folds', type=int, default=5)
    parser.add_argument('--hold-out')
    parser.add_argument('--fold', type=int, default=0)
    options = parser.parse_args()
    apps = catalogue()
    known = {host for _, hosts in apps for host in hosts}
    others = ordinary(known)
    listed = [host for host in names.read_names('listed-names.txt.gz') if host not in known]
    if options.hold_out:
        return hold_out(apps, listed, others, options.fold, options.folds, options.hold_out)
    trained_on = known.union(listed, *others)
    further = [(path, [h for h in open(path, encoding='utf-8').read().split() if h not in trained_on])
               for path in options.other]
    threshold = measure(apps, listed, others, options.folds, further)
    if options.write:
        write(apps, listed, others, threshold)


if __name__ == '__main__':
    main()
