#!/usr/bin/env python3
"""What was learnt from tables and documents is found in uploads, and a detector of the network's own that is wrong
is refused before anything is recorded."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "matrix"))
from capture import Capture, http1  # noqa: E402

ROWS = [("Ada Quillfeather", "77-4193-0512"), ("Bartol Njegovan", "77-8820-1147"), ("Chiara Montresor", "77-3301-9964")]
DOCUMENT = "\n".join(
    f"{number}. The {what} of the northern plant is to be moved to hall {number + 3} before the audit, and whoever "
    f"signs for it keeps the {what} ledger under lock until week {number + 20}."
    for number, what in enumerate(["press", "kiln", "lathe", "boiler", "conveyor", "furnace", "mill", "crane"], 1))


def check(claim, what):
    if not claim:
        sys.exit(f"learnt: FAILED: {what}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gnomon", required=True)
    gnomon = os.path.abspath(parser.parse_args().gnomon)
    with tempfile.TemporaryDirectory(prefix="gnomon-learnt-") as name:
        folder = pathlib.Path(name)

        def run(*words, code=0):
            done = subprocess.run([gnomon, *map(str, words)], capture_output=True, text=True, cwd=ROOT, timeout=300)
            check(done.returncode == code, f"{words[0]}: exit code {done.returncode}, wanted {code}: {done.stderr}")
            return done

        (folder / "customers.csv").write_text("name,number\n" + "".join(f"{a},{b}\n" for a, b in ROWS))
        (folder / "plan.txt").write_text(DOCUMENT)
        table, prints = folder / "customers.table", folder / "plans.prints"
        run("classify", "--learn-table", folder / "customers.csv", "-o", table)
        run("classify", "--learn-document", folder / "plan.txt", "-o", prints)

        texts = [f"Please write to {ROWS[1][0]}, whose number is {ROWS[1][1]}.",
                 "Shorten this:\n" + "\n".join(DOCUMENT.split("\n")[2:6]),
                 "Please write to somebody whose number is 77-0000-0000."]
        capture = Capture(folder / "sent.pcap")
        for number, text in enumerate(texts):
            capture.connection(number, http1("api.openai.com", "/v1/chat/completions", "application/json", "",
                                             json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()))
        capture.close()

        def found(*options):
            events = folder / "events.json"
            run("replay", "--again", "--db", folder / "g.db", "--events", events, *options, folder / "sent.pcap")
            with open(events) as lines:
                told = [event for event in map(json.loads, lines) if event["event_type"] == "finding"]
            return sorted((event["src_ip"], event["gnomon"]["detector"]) for event in told
                          if event["gnomon"]["category"] in ("customer-data", "confidential"))

        check(found() == [], f"without what was learnt: {found()}")
        got = found("--table", table, "--documents", prints)
        check(len(got) == 2 and len({client for client, _ in got}) == 2, f"with it: {got}")
        kept = b"".join(each.read_bytes() for each in (*folder.glob("g.db*"), folder / "events.json", table, prints))
        for word in ("Njegovan", "77-8820-1147", "northern plant"):
            check(word.encode() not in kept, f"'{word}' was kept")
        said = run("replay", "--db", folder / "h.db", "--table", prints, folder / "sent.pcap", code=1).stderr
        check("content.learnt_table" in said and prints.name in said, said)

        own = folder / "detectors"
        own.mkdir()
        (own / "own.yaml").write_text("detectors:\n  - id: our-number\n    name: Our number\n    category: pii\n"
                                      "    severity: low\n    patterns: ['OUR-[0-9]{8']\n")
        said = run("replay", "--db", folder / "h.db", "--set", f"content.local_detectors={own}",
                   folder / "sent.pcap", code=1).stderr
        check("own.yaml" in said, said)
        said = run("signatures", "check", "--local-detectors", own, code=1).stderr
        check("own.yaml" in said, said)
        (own / "own.yaml").write_text("detectors:\n  - id: our-number\n    name: Our number\n    category: pii\n"
                                      "    severity: low\n    high: form\n    patterns: ['OUR-[0-9]{8}']\n")
        (folder / "note.txt").write_text("It is OUR-12345678.\n")
        said = run("classify", "--local-detectors", own, folder / "note.txt").stdout
        check("Our number" in said, said)
        check(not (folder / "h.db").exists(), "an inventory was made all the same")
    print("learnt tables and documents are found in uploads")


if __name__ == "__main__":
    main()
