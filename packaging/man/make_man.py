#!/usr/bin/env python3
"""Makes the manual pages of what the program says of itself: gnomon.1 of --help of every command,
gnomon.yaml.5 of the sample configuration, where the program has one.

    make_man.py --gnomon BINARY --output FOLDER --date YYYY-MM-DD
"""
import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def roff(text):
    """As text of a page: no character of it is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha")
    text = text.replace("`", "\\(ga").replace("~", "\\(ti")
    return "\n".join("\\&" + line if line.startswith((".", "\\(aq")) else line for line in text.split("\n"))


def verbatim(text):
    return ".nf\n" + roff(text.strip("\n")) + "\n.fi\n"


def commands_of(program):
    commands = []
    inside = False
    for line in run(program, "--help").splitlines():
        if line == "Commands":
            inside = True
        elif inside and (found := re.match(r"  ([a-z][a-z-]*) +(.*)", line)):
            commands.append((found[1], found[2]))
        elif inside and not line.strip():
            break
    return commands


def options_of(lines):
    """Boost's table: "  -h [ --help ]   text", continued under the text's column."""
    # Where texts begin: a name that just fits has only one space behind it.
    columns = [len(line) - len(line.lstrip()) for line in lines if line.startswith("    ")]
    column = min(columns) if columns else 0
    options = []
    for line in lines:
        if column and line.startswith("  -") and len(line) > column and line[column - 1] == " " != line[column]:
            options.append([line[:column].strip(), [line[column:].strip()]])
        elif found := re.match(r"  (-\S.*?)(?:  +(\S.*))?$", line):
            options.append([found[1], [found[2]] if found[2] else []])
        elif options and line.startswith("    "):
            options[-1][1].append(line.strip())
    return options


def option_roff(called, text):
    # "-o [ --output ] FILE (=x)" as "-o, --output FILE (default: x)"
    default = re.search(r" \(=(.*)\)$", called)
    if default:
        called = called[: default.start()]
    short = re.match(r"(-.) \[ (--\S+) \](.*)", called)
    names = f"{short[1]}, {short[2]}{short[3]}" if short else called
    words = names.split(" ")
    head = " ".join(f"\\fB{roff(word)}\\fR" if word.startswith("-") else f"\\fI{roff(word)}\\fR" for word in words)
    body = roff(" ".join(text))
    if default and default[1]:
        body += f" (default: {roff(default[1])})"
    return f".TP\n{head}\n{body}\n"


def command_roff(program, words, summary):
    """One command, or each of its actions where it has some."""
    name = " ".join(words)
    text = run(program, *words, "--help")
    if not text.startswith(f"Usage: gnomon {name}"):
        sys.exit(f"make_man.py: gnomon {name} --help does not say its usage")
    if found := re.search(r"\nActions:?\n((?:  \S.*\n)+)", text):
        actions = [line.split(None, 1) for line in found[1].splitlines()]
        return "".join(command_roff(program, [*words, action], about) for action, about in actions)
    usages, _, rest = text.partition("\n\n")
    usage, *others = [each.strip() for each in usages.splitlines()]
    about, found, table = rest.partition("\nOptions:\n")
    if not found:
        sys.exit(f"make_man.py: gnomon {name} --help has no options")
    table, _, notes = table.partition("\n\n")
    page = f".SS \\fBgnomon {roff(name)}\\fR {roff(usage.removeprefix('Usage: gnomon ' + name).strip())}\n"
    if others:
        page += ".br\n".join(
            f"\\fB{roff(f'gnomon {name}')}\\fR {roff(each.removeprefix(f'gnomon {name}').strip())}\n"
            for each in others) + ".PP\n"
    page += roff(summary[0].upper() + summary[1:]) + ".\n.PP\n" + verbatim(about)
    for called, described in options_of(table.splitlines()):
        if called.startswith("-h ["):
            continue
        page += option_roff(called, described)
    if notes.strip():
        page += ".PP\n" + verbatim(notes)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gnomon", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--date", required=True)
    options = parser.parse_args()
    version = run(options.gnomon, "--version").strip().removeprefix("gnomon ")
    commands = commands_of(options.gnomon)
    if not commands or not version:
        sys.exit(f"make_man.py: {options.gnomon} tells no commands")
    options.output.mkdir(parents=True, exist_ok=True)

    listed = "".join(f".TP\n\\fB{roff(name)}\\fR\n{roff(summary)}\n" for name, summary in commands)
    whole = "".join(command_roff(options.gnomon, [name], summary) for name, summary in commands)
    page = (HERE / "gnomon.1.in").read_text()
    for key, value in (("DATE", options.date), ("VERSION", version), ("LISTED", listed), ("COMMANDS", whole)):
        page = page.replace(f"@{key}@", value)
    (options.output / "gnomon.1").write_text(page)

    sample = run(options.gnomon, "config", "sample")
    if sample:
        page = (HERE / "gnomon.yaml.5.in").read_text()
        for key, value in (("DATE", options.date), ("VERSION", version), ("SAMPLE", verbatim(sample))):
            page = page.replace(f"@{key}@", value)
        (options.output / "gnomon.yaml.5").write_text(page)


if __name__ == "__main__":
    main()
