#!/usr/bin/env python3
"""How long every page of the console takes in a real Chromium: from the start of the navigation until what
it shows is there, charts drawn, nothing marked as loading.

    tests/bench/console/pages.py --gnomon build/release/gnomon --db big.db [--rounds 3]

Each page is loaded anew as by its address, which is slower than going there by a link. Prints the median and
the worst of the rounds, in milliseconds, and ends with 1 when a median is over --most."""
import argparse
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "e2e"))
from console import Client, Console, add_user  # noqa: E402
from console_browser import PAGES, ready, sign_in  # noqa: E402
from devtools import Browser  # noqa: E402

# The moment of the last change of what is shown, while nothing says that it is loading.
WATCH = """new MutationObserver(() => {
  if (document.querySelector('main')?.dataset.ready && !document.querySelector('.loading, [aria-busy]')) window.shownAt = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gnomon", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=float, default=1000)
    options = parser.parse_args()
    if not os.path.exists(options.db + "-accounts"):
        add_user(options.gnomon, options.db, "ann", "admin")
    console = Console(options.gnomon, options.db)
    browser = None
    slow = []
    try:
        client = Client(console.port)
        client.sign_in("ann")
        pages = PAGES + [f"/apps/{row['id']}" for row in client.get("/api/v1/apps?sort=clients&size=2")["rows"]]
        pages += [f"/clients/{row['client']}" for row in client.get("/api/v1/clients?size=1")["rows"]]
        pages += [f"/assets/{row['server']}" for row in client.get("/api/v1/assets?size=1")["rows"]]
        pages += ["/apps?q=a&sort=bytes&order=desc", "/clients?page=400", "/findings?confidence=any&page=3"]
        browser = Browser()
        base = f"http://127.0.0.1:{console.port}"
        sign_in(browser, base, "ann")
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        for page in pages:
            times = []
            for _ in range(options.rounds):
                browser.open("about:blank")
                browser.open(base + page)
                ready(browser, page.split("?")[0].replace("%3A", ":"))
                browser.run("new Promise((done) => setTimeout(done, 150))")  # charts are drawn in the next frame
                times.append(browser.run("window.shownAt"))
            median = statistics.median(times)
            print(f"  {median:7.0f} {max(times):7.0f}  {page}", flush=True)
            if median > options.most:
                slow.append(page)
    finally:
        if browser:
            browser.close()
        console.stop()
    print(f"over {options.most:.0f} ms: {', '.join(slow) if slow else 'none'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
