#!/usr/bin/env python3
"""Files made to hurt whoever opens them: each must be read in bounded time, end as said, and leave
the reader alive for the next one.

usage: hostile.py --dump dump_parts
"""
import argparse, gzip, os, random, re, subprocess, sys, tempfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import containers as c

ZEROS = b'\0' * (1 << 20)
MAGICS = {'rar': b'Rar!\x1a\x07\x00', 'rar5.rar': b'Rar!\x1a\x07\x01\x00', 'cab': b'MSCF\0\0\0\0', '7z': b'7z\xbc\xaf\x27\x1c',
          'doc': b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'ar': b'!<arch>\n', 'rpm': b'\xed\xab\xee\xdb', 'pdf': b'%PDF-1.7\n',
          'xz': b'\xfd7zXZ\0', 'zst': b'\x28\xb5\x2f\xfd', 'bz2': b'BZh91AY&SY', 'gz': b'\x1f\x8b\x08\0', 'rtf': b'{\\rtf1'}


def hostile(rng):
    """name, bytes, what must be said (a pattern; None: anything that ends)"""
    yield 'ratio.zip', c.packed([('a', ZEROS * 60)]), "not_opened='bomb'"
    inner = c.packed([('a', ZEROS * 8)])
    for _ in range(3):
        inner = c.packed([(f'{i}.zip', inner) for i in range(16)])
    yield 'fan.zip', inner, "not_opened='(bomb|size|too-many)'"
    deep = c.packed([('a.txt', 'hello')])
    for _ in range(30):
        deep = c.packed([('x.zip', deep)])
    yield 'deep.zip', deep, "not_opened='too-deep'"
    yield 'many.zip', c.packed([(f'{i}.txt', 'x') for i in range(3000)]), "not_opened='too-many'"
    yield 'twice.gz', gzip.compress(gzip.compress(ZEROS * 200)), "not_opened='bomb'"
    entities = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">' + ''.join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)) + ']><w:document><w:p>&l9;</w:p></w:document>'
    yield 'entities.docx', c.packed([('[Content_Types].xml', c.TYPES), ('word/document.xml', entities)]), 'type=docx'
    whole = c.pdf('hello, there')
    yield 'cut.pdf', whole[:300], "not_opened='damaged'"
    yield 'loop.pdf', whole.replace(b'/Kids [3 0 R]', b'/Kids [2 0 R]'), 'type=pdf'
    for name, magic in MAGICS.items():
        yield 'junk.' + name, magic + rng.randbytes(20000), None
    for kind, body in (('docx', c.docx('hello, x')), ('xlsx', c.xlsx('hello, x')), ('odt', c.odf('text')('hello')), ('pdf', whole)):
        for number in range(10):
            damaged = bytearray(body)
            for _ in range(rng.randrange(1, 8)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            yield f'damaged{number}.{kind}', bytes(damaged), None
    yield 'last.docx', c.docx('still alive'), 'stillalive'


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--dump', required=True)
    a = p.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        paths, wanted = [], {}
        for name, data, pattern in hostile(random.Random(7)):
            path = os.path.join(folder, name)
            with open(path, 'wb') as f:
                f.write(data)
            paths.append(path)
            wanted[path] = pattern
        # One after another in one process: whoever dies takes the rest with it.
        r = subprocess.run([a.dump] + paths, stdout=subprocess.PIPE, timeout=600)
        if r.returncode != 0:
            print(f'exit {r.returncode}')
            failed += 1
        told = {}
        for block in r.stdout.decode('utf-8', 'replace').split("\n<file '")[1:]:
            path, _, rest = block.partition("'>\n")
            told[path] = rest
        for path in paths:
            text = told.get(path, '')
            if text.count('\n<part ') != text.count('\n</part '):
                print(f'{os.path.basename(path)}: a part was not closed')
                failed += 1
            if len(text) > 40 << 20:
                print(f'{os.path.basename(path)}: {len(text)} bytes were told')
                failed += 1
            if wanted[path] and not re.search(wanted[path], text if "'" in wanted[path] or '=' in wanted[path] else re.sub(r'\s', '', text)):
                print(f'{os.path.basename(path)}: not said: {wanted[path]}; but {re.findall("not_opened=.[^ ]*", text)[-1:]}')
                failed += 1
    print(f'{len(paths)} hostile files, {failed} wrong')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
