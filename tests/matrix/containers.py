"""Files of every kind that content reading knows, each with the same text planted in it."""
import base64, email.message, gzip, io, json, lzma, bz2, quopri, shutil, subprocess, tarfile, tempfile
import os, zipfile

OFFICE = 'http://schemas.openxmlformats.org/'


def packed(entries, first_stored=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for index, (name, data) in enumerate(entries):
            kind = zipfile.ZIP_STORED if first_stored and index == 0 else zipfile.ZIP_DEFLATED
            z.writestr(name, data, kind)
    return out.getvalue()


def xml(text):
    return text.replace('&', '&amp;').replace('<', '&lt;')


TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def docx(text):
    # Words cut over runs, as editors leave them.
    runs = ''.join(f'<w:r><w:t xml:space="preserve">{xml(text[i:i + 7])}</w:t></w:r>' for i in range(0, len(text), 7))
    return packed([('[Content_Types].xml', TYPES),
                   ('word/document.xml', f'<w:document xmlns:w="w"><w:body><w:p>{runs}</w:p></w:body></w:document>')])


def docx_part(path):
    def make(text):
        return packed([('[Content_Types].xml', TYPES),
                       ('word/document.xml', '<w:document xmlns:w="w"><w:body/></w:document>'),
                       (path, f'<w:x xmlns:w="w"><w:p><w:r><w:t>{xml(text)}</w:t></w:r></w:p></w:x>')])
    return make


def xlsx(text):
    words = text.split(', ')
    strings = ''.join(f'<si><t>{xml(w)}</t></si>' for w in words)
    cells = ''.join(f'<c r="A{i + 1}" t="s"><v>{i}</v></c>' for i in range(len(words)))
    return packed([('[Content_Types].xml', TYPES),
                   ('xl/worksheets/sheet1.xml', f'<worksheet><sheetData><row r="1">{cells}</row></sheetData></worksheet>'),
                   ('xl/sharedStrings.xml', f'<sst>{strings}</sst>')])


def xlsx_inline(text):
    return packed([('[Content_Types].xml', TYPES),
                   ('xl/worksheets/sheet1.xml',
                    f'<worksheet><sheetData><row><c t="inlineStr"><is><t>{xml(text)}</t></is></c></row></sheetData></worksheet>')])


def pptx(text):
    return packed([('[Content_Types].xml', TYPES),
                   ('ppt/slides/slide1.xml', f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{xml(text)}</a:t></a:r></a:p></p:sld>')])


def pptx_notes(text):
    return packed([('[Content_Types].xml', TYPES), ('ppt/slides/slide1.xml', '<p:sld xmlns:p="p"/>'),
                   ('ppt/notesSlides/notesSlide1.xml', f'<p:notes xmlns:p="p" xmlns:a="a"><a:p><a:t>{xml(text)}</a:t></a:p></p:notes>')])


def odf(kind):
    def make(text):
        return packed([('mimetype', f'application/vnd.oasis.opendocument.{kind}'),
                       ('content.xml', f'<office:document-content xmlns:office="o" xmlns:text="t"><text:p>{xml(text)}</text:p></office:document-content>')],
                      first_stored=True)
    return make


def epub(text):
    return packed([('mimetype', 'application/epub+zip'), ('OEBPS/c1.xhtml', f'<?xml version="1.0"?><html><body><p>{xml(text)}</p></body></html>')],
                  first_stored=True)


def pdf(text):
    # Two lines: a page is not as wide as the text.
    words = text.split(', ')
    lines = ' '.join(f'({w.replace("(", "").replace(")", "")}) Tj 0 -14 Td' for w in words)
    stream = f'BT /F1 10 Tf 40 700 Td {lines} ET'.encode()
    objects = [b'<< /Type /Catalog /Pages 2 0 R >>', b'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
               b'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
               b'<< /Length %d >>\nstream\n%s\nendstream' % (len(stream), stream),
               b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>']
    out, places = b'%PDF-1.4\n', []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b'%d 0 obj\n%s\nendobj\n' % (number, body)
    start = len(out)
    out += b'xref\n0 6\n0000000000 65535 f \n' + b''.join(b'%010d 00000 n \n' % p for p in places)
    return out + b'trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n' % start


def rtf(text):
    return ('{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 ' + text[:9] + '\\b0 ' + text[9:] + '\\par}').encode()


def html(text):
    half = len(text) // 2
    return f'<!DOCTYPE html><html><body><p>{text[:half]}<b>{text[half:]}</b></p></body></html>'.encode()


def html_attribute(text):
    return f'<!DOCTYPE html><html><body><input type="hidden" value="{text}"></body></html>'.encode()


def html_comment(text):
    return f'<!DOCTYPE html><html><body><!-- {text} --></body></html>'.encode()


def message(text, encoding=None, name=None):
    head = 'From: a@example.org\r\nTo: b@example.org\r\nSubject: hello\r\nMIME-Version: 1.0\r\n'
    data = text.encode()
    if encoding == 'base64':
        data = base64.encodebytes(data)
    if encoding == 'quoted-printable':
        data = quopri.encodestring(data)
    transfer = f'Content-Transfer-Encoding: {encoding}\r\n' if encoding else ''
    if not name:
        return (head + 'Content-Type: text/plain; charset=utf-8\r\n' + transfer + '\r\n').encode() + data
    part = f'--b\r\nContent-Type: application/octet-stream; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n{transfer}\r\n'
    return (head + 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n' + part).encode() + data + b'\r\n--b--\r\n'


def eml_docx(text):
    body = base64.encodebytes(docx(text)).decode()
    return (f'From: a@example.org\r\nTo: b@example.org\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
            f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="a.docx"\r\n'
            f'Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n').encode()


def mbox(text):
    return b'From a@example.org Mon Jan  1 00:00:00 2024\n' + message('nothing') + b'\n\nFrom a@example.org Mon Jan  1 00:00:00 2024\n' + message(text)


def notebook(text):
    return json.dumps({'cells': [{'cell_type': 'code', 'source': ['x = 1\n', text]}], 'nbformat': 4}).encode()


def tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def by_bsdtar(options, ending, name='a.txt', content=lambda text: text.encode()):
    def make(text):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, name), 'wb') as f:
                f.write(content(text))
            target = os.path.join(folder, 'a' + ending)
            subprocess.run(['bsdtar', *options, '-cf', target, '-C', folder, name], check=True)
            with open(target, 'rb') as f:
                return f.read()
    return make


def zstd(data):
    return subprocess.run(['zstd', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


CONTAINERS = {
    'text, UTF-8': ('a.txt', lambda t: t.encode()),
    'text, UTF-16 LE': ('a.txt', lambda t: b'\xff\xfe' + t.encode('utf-16-le')),
    'text, UTF-16 BE, no mark': ('a.txt', lambda t: t.encode('utf-16-be')),
    'text, Latin-1': ('a.txt', lambda t: ('Gr\u00fc\u00dfe: ' + t).encode('latin-1')),
    'CSV': ('a.csv', lambda t: ('id;text;more\n1;' + t + ';x\n').encode()),
    'source code': ('a.py', lambda t: ('def f():\n    return "' + t + '"\n').encode()),
    'JSON': ('a.json', lambda t: json.dumps({'note': t}).encode()),
    'NDJSON': ('a.jsonl', lambda t: (json.dumps({'n': 1}) + '\n' + json.dumps({'note': t}) + '\n').encode()),
    'notebook': ('a.ipynb', notebook),
    'HTML': ('a.html', html),
    'HTML, attribute': ('a.html', html_attribute),
    'HTML, comment': ('a.html', html_comment),
    'XML': ('a.xml', lambda t: f'<?xml version="1.0"?><a><b>{xml(t)}</b></a>'.encode()),
    'RTF': ('a.rtf', rtf),
    'mail': ('a.eml', message),
    'mail, quoted-printable': ('a.eml', lambda t: message(t, 'quoted-printable')),
    'mail, attachment': ('a.eml', lambda t: message(t, 'base64', 'a.txt')),
    'mail, DOCX attached': ('a.eml', eml_docx),
    'mbox': ('a.mbox', mbox),
    'PDF': ('a.pdf', pdf),
    'DOCX': ('a.docx', docx),
    'DOCX, comment': ('a.docx', docx_part('word/comments.xml')),
    'DOCX, header': ('a.docx', docx_part('word/header1.xml')),
    'DOCX, footnote': ('a.docx', docx_part('word/footnotes.xml')),
    'XLSX': ('a.xlsx', xlsx),
    'XLSX, inline': ('a.xlsx', xlsx_inline),
    'PPTX': ('a.pptx', pptx),
    'PPTX, notes': ('a.pptx', pptx_notes),
    'ODT': ('a.odt', odf('text')),
    'ODS': ('a.ods', odf('spreadsheet')),
    'ODP': ('a.odp', odf('presentation')),
    'EPUB': ('a.epub', epub),
    'ZIP': ('a.zip', lambda t: packed([('a.txt', t)])),
    'ZIP in ZIP': ('a.zip', lambda t: packed([('b.zip', packed([('a.txt', t)]))])),
    'PDF in ZIP': ('a.zip', lambda t: packed([('a.pdf', pdf(t))])),
    'DOCX in ZIP': ('a.zip', lambda t: packed([('a.docx', docx(t))])),
    'tar': ('a.tar', lambda t: tar([('a.txt', t.encode())])),
    'tar.gz': ('a.tar.gz', lambda t: gzip.compress(tar([('a.txt', t.encode())]))),
    'tar.xz': ('a.tar.xz', lambda t: lzma.compress(tar([('a.txt', t.encode())]))),
    'tar.bz2': ('a.tar.bz2', lambda t: bz2.compress(tar([('a.txt', t.encode())]))),
    'tar.zst': ('a.tar.zst', lambda t: zstd(tar([('a.txt', t.encode())]))),
    'gzip': ('a.txt.gz', lambda t: gzip.compress(t.encode())),
    '7z': ('a.7z', by_bsdtar(['--format', '7zip'], '.7z')),
    'cpio': ('a.cpio', by_bsdtar(['--format', 'cpio'], '.cpio')),
    # Text in an image can be read without knowing it for one; a DOCX cannot.
    'ISO 9660': ('a.iso', by_bsdtar(['--format', 'iso9660'], '.iso', 'a.docx', docx)),
}
