#!/usr/bin/env python3
"""Whether the colours of the console and of the report can be read: the contrast of every pair of text
and ground that the style sheets make, light and dark, as WCAG 2.2 computes it (AA: 4.5 to 1 for text,
3 to 1 for borders and marks that carry meaning). Takes no program: the style sheets alone."""
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', 'src', 'report'))

# Text on each of these grounds.
INKS = ('ink', 'soft', 'link', 'flag')
LEVELS = [(f'r{level}-ink', f'r{level}') for level in range(5)]
SHEETS = {
    'console/page/console.css': {
        'text': [(ink, ground) for ink in INKS for ground in ('paper', 'ground', 'tint')] + LEVELS + [('good', 'paper'), ('good', 'ground'), ('paper', 'link'), ('side-ink', 'side'), ('side-soft', 'side'),
                                 ('side-ink', 'side-on')],
        'mark': [('edge', 'paper'), ('edge', 'ground'), ('focus', 'paper'), ('focus', 'ground'), ('p0', 'paper'), ('side-soft', 'side'),
                 ('r4-bar', 'paper'), ('r3-bar', 'paper'), ('r2-bar', 'paper'), ('r1-bar', 'paper'), ('r0-bar', 'paper'), ('c0', 'paper')],
    },
    'page/report.css': {
        'text': [(ink, ground) for ink in INKS for ground in ('paper', 'tint')] + LEVELS,
        'mark': [('p0', 'paper'), ('focus', 'paper')],
    },
}


def tokens(text):
    """The custom properties of the sheet: light, and dark where that differs."""
    dark_at = text.find('prefers-color-scheme: dark')
    light_part = text[:dark_at] if dark_at >= 0 else text
    end = text.find('}', text.find('}', dark_at) + 1)
    find = lambda part: dict(re.findall(r'--([a-z0-9-]+):\s*(#[0-9a-fA-F]{3,6})\b', part))
    light = find(light_part)
    return {'light': light, 'dark': {**light, **find(text[dark_at:end])}}


def luminance(colour):
    digits = colour[1:]
    if len(digits) == 3:
        digits = ''.join(c * 2 for c in digits)
    parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def main():
    # What the formula is known to give.
    assert round(contrast('#fff', '#000000'), 2) == 21 and round(contrast('#777777', '#ffffff'), 2) == 4.48
    failures, checked, lowest = 0, 0, 99.0
    for sheet, pairs in SHEETS.items():
        themes = tokens(open(os.path.join(ROOT, sheet)).read())
        if themes['light'] == themes['dark']:
            print(f'FAILED: {sheet} has no dark colours')
            failures += 1
        for theme, colours in themes.items():
            for kind, least in (('text', 4.5), ('mark', 3.0)):
                for ink, ground in pairs[kind]:
                    if ink not in colours or ground not in colours:
                        print(f'FAILED: {sheet} has no --{ink if ink not in colours else ground}')
                        failures += 1
                        continue
                    ratio = contrast(colours[ink], colours[ground])
                    checked += 1
                    lowest = min(lowest, ratio / least)
                    if ratio < least:
                        print(f'FAILED: {sheet}, {theme}: --{ink} on --{ground} is {ratio:.2f} to 1, wanted {least}')
                        failures += 1
    print(f'contrast: {checked} pairs, the closest has {lowest:.2f} times what is wanted')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
