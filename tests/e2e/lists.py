#!/usr/bin/env python3
"""What lists, reports and the console tell of a part of an inventory: of one client, a group, a time.

    lists.py --gnomon build/release/gnomon
"""
import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

from console import Client, Console, add_user, check, refused

CLIENT = "10.20.0.10"


def said(gnomon, *arguments):
    return subprocess.run([gnomon, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout


def rows(gnomon, database, what, *arguments):
    return list(csv.DictReader(io.StringIO(said(gnomon, "inventory", "--db", database, "--what", what, "--format", "csv", *arguments))))


def of_one_client(gnomon, database):
    for what in ("assets", "candidates", "models", "hosts", "clients"):
        every, own = len(rows(gnomon, database, what)), len(rows(gnomon, database, what, "--client", CLIENT))
        check(f"{what} of a client: {own} of {every}", 0 < own <= every and (what != "clients" or own == 1))
        check(f"{what} of another are none", not rows(gnomon, database, what, "--client", "192.0.2.99"))
        check(f"{what} are searched", not rows(gnomon, database, what, "--text", "no such text"))
    host = rows(gnomon, database, "hosts")[0]["host"]
    check("a host is found", host in [row["host"] for row in rows(gnomon, database, "hosts", "--text", host.upper())])
    check("what fits is said", "No app fits" not in said(gnomon, "inventory", "--db", database, "--what", "hosts", "--text", host))
    for option, what, words in [("--client", "health", "no client"), ("--app", "health", "no app"), ("--app", "assets", "no app")]:
        refused(gnomon, 1, words, "inventory", "--db", database, "--what", what, option, CLIENT if option == "--client" else "cohere")
    refused(gnomon, 1, "does not go with --what runs", "inventory", "--db", database, "--what", "runs", "--text", "x")


def without_apps(gnomon, database):
    """Who used only what is self-hosted is known too."""
    text = said(gnomon, "inventory", "--db", database, "--client", CLIENT)
    check(f"no app, yet other lists: {text}", "No app fits" in text and "of --what assets" in text and "of --what models" in text)
    check("nothing of others", "No other list" in said(gnomon, "inventory", "--db", database, "--client", "192.0.2.99"))
    console = Console(gnomon, database)
    try:
        client = Client(console.port)
        client.sign_in("ann")
        page = client.get(f"/api/v1/clients/{CLIENT}")
        lists = [each["name"] for each in page["lists"]]
        check(f"its page has its lists: {lists}", "assets" in lists and "models" in lists)
        check("and no app", page["apps"] == [] and page["client"]["apps"] == 0 and page["client"]["first_seen"])
        check("of whom nothing tells there is no page", client.ask("GET", "/api/v1/clients/192.0.2.99")[0] == 404)
    finally:
        check("it ends when asked to", console.stop() == 0)


def workbook(gnomon, database, folder):
    """The console's is the one of the command line, with all rows."""
    check("there is more than a page shows", any(len(rows(gnomon, database, each)) > 200 for each in ("assets", "models", "findings")))
    path = os.path.join(folder, "report.xlsx")
    subprocess.run([gnomon, "report", "--db", database, "-o", path], check=True)
    console = Console(gnomon, database)
    try:
        client = Client(console.port)
        client.sign_in("ann")
        check("the workbooks are the same", client.ask("GET", "/api/v1/exports/report.xlsx")[2] == open(path, "rb").read())
    finally:
        check("it ends when asked to", console.stop() == 0)


def changes_of(gnomon, database, path, *arguments):
    subprocess.run([gnomon, "report", "--db", database, "-o", path, *arguments], check=True)
    return json.load(open(path)).get("changes", {}).get("rows", [])


def compared(gnomon, database, folder):
    subprocess.run([gnomon, "group", "set", "lab", "192.0.2.0/24", "--db", database, "--actor", "ann"], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(folder, "report.json")
    lab = ("--group", "lab")
    for part in ((), lab, ("--since", "2030-01-01"), ("--until", "2020-01-01")):
        if os.path.exists(database + ".last-report.json"):
            os.remove(database + ".last-report.json")
        changes_of(gnomon, database, path, *part, "--since-last")
        changes = changes_of(gnomon, database, path, *part, "--since-last")
        check(f"{part}: nothing has changed since the moment before: {changes[:2]}", changes == [])
        changes = changes_of(gnomon, database, os.path.join(folder, "other.json"), *part, "--compare", database)
        check(f"{part}: nor of the same inventory: {changes[:2]}", changes == [])
        changes = changes_of(gnomon, database, os.path.join(folder, "other.json"), *part, "--compare", path)
        check(f"{part}: nor of the report: {changes[:2]}", changes == [])
    changes = changes_of(gnomon, database, path, "--since-last")
    check(f"another time is told: {changes[:1]}", changes[0]["kind"] == "other scope" and "until 2020" in changes[0]["text"])
    refused(gnomon, 1, "cannot be compared", "report", "--db", database, "-o", path, *lab, "--since-last")
    for option in (("--since-last",), ("--compare", database)):
        refused(gnomon, 1, "tell no changes", "report", "--db", database, "-o", os.path.join(folder, "apps.csv"), *option)


def far_times(gnomon, database, folder):
    """Nanoseconds end in 2262."""
    path = os.path.join(folder, "far.json")
    changes_of(gnomon, database, path)
    apps = len(json.load(open(path))["apps"])
    for option, day, left in [("--since", "0001-01-01", True), ("--since", "1677-01-01", True), ("--until", "2262-05-01", True),
                              ("--until", "9999-12-31", True), ("--since", "2262-05-01", False), ("--until", "1677-01-01", False)]:
        changes_of(gnomon, database, path, option, day)
        got = len(json.load(open(path))["apps"])
        check(f"{option} {day}: {got} of {apps} apps", apps > 0 and got == (apps if left else 0))


def hours(gnomon, database, folder):
    path = os.path.join(folder, "hours.json")
    changes_of(gnomon, database, path)
    report = json.load(open(path))
    every = report["timeline"] + [hour for app in report["apps"] for hour in app["hours"]]
    check("hours tell no lookups and requests, which are not kept by the hour",
          every and not any("lookups" in hour or "requests" in hour for hour in every))
    check("apps do", all("lookups" in app for app in report["apps"]))


def alerts(gnomon, database):
    refused(gnomon, 1, "'terrible' is not", "alert", "list", "--db", database, "--severity", "terrible")
    refused(gnomon, 1, "'nothing' is not", "alert", "list", "--db", database, "--kind", "nothing")
    refused(gnomon, 1, "holds no app", "alert", "list", "--db", database, "--app", "nothing")
    get = lambda *more: json.loads(said(gnomon, "alert", "list", "--db", database, "--format", "json", "--all", *more))
    every = get()
    check("there are alerts", every)
    check("0 is all", len(get("--limit", "0")) == len(every))
    kind = every[0]["kind"]
    check("a kind is known", all(each["kind"] == kind for each in get("--kind", kind)))
    check("a kind that was not told yet is known", get("--kind", "request-burst") == [])
    sqlite = ["sqlite3", database, "UPDATE alert SET app = 'cohere', client = '2001:db8::1' WHERE id = '" + every[0]["id"] + "'"]
    subprocess.run(sqlite, check=True)
    check("an app is known by its name", [each["id"] for each in get("--app", "Cohere")] == [every[0]["id"]])
    check("an address however it is written", [each["id"] for each in get("--client", "2001:DB8:0::1")] == [every[0]["id"]])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gnomon", required=True)
    gnomon = parser.parse_args().gnomon
    pcaps = os.path.join(os.path.dirname(__file__), "..", "..", "pcaps")
    with tempfile.TemporaryDirectory() as folder:
        database, own = os.path.join(folder, "gnomon.db"), os.path.join(folder, "own.db")
        for path, captures in [(database, ("api", "self-hosted", "local")), (own, ("self-hosted/agent-builders.pcap",))]:
            subprocess.run([gnomon, "replay", "--db", path, *(os.path.join(pcaps, each) for each in captures)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            add_user(gnomon, path, "ann", "admin")
        of_one_client(gnomon, database)
        without_apps(gnomon, own)
        workbook(gnomon, database, folder)
        compared(gnomon, database, folder)
        far_times(gnomon, database, folder)
        hours(gnomon, database, folder)
        alerts(gnomon, database)
    print("lists, reports and pages tell of a part what is in it")


if __name__ == "__main__":
    sys.exit(main())
