#!/usr/bin/env python3
"""The console in a real Chromium: signs in, opens every page, searches, sorts, filters, decides, and sees
the decision on the command line. Skipped (77) where there is no Chromium.

--pictures FOLDER also keeps screenshots of every page, wide and narrow, light and dark; --db uses that
inventory instead of one made from the project's captures."""
import argparse
import os
import subprocess
import sys
import tempfile

from console import Console, Client, PASSWORD, add_user, check
from devtools import Browser, find_chromium
from hostile_names import make_capture

PAGES = ["/", "/apps", "/clients", "/assets", "/candidates", "/alerts", "/findings", "/files", "/models", "/supply-chain",
         "/coverage", "/unknown", "/groups", "/policies", "/exports", "/audit", "/users", "/account"]


def ready(browser, path):
    browser.wait(f"document.querySelector('main')?.dataset.ready === {path!r} && !document.querySelector('.loading, [aria-busy]')")


def visit(browser, base, path):
    browser.open(base + path)
    ready(browser, path)


def sign_in(browser, base, name):
    browser.open(base + "/")
    browser.wait("document.querySelector('input[type=password]') && document.activeElement.tagName === 'INPUT'")
    browser.type(name)
    browser.key("Tab")
    browser.type(PASSWORD)
    browser.key("Enter")
    ready(browser, "/")


def complaints(browser, base):
    """What the browser said was wrong, and every request that left this place."""
    browser.run("1")
    found = []
    for event in browser.events:
        kind, told = event.get("method"), event.get("params", {})
        if kind == "Network.requestWillBeSent" and not told["request"]["url"].startswith((base, "about:", "data:")):
            found.append("a request to " + told["request"]["url"])
        if kind == "Runtime.exceptionThrown":
            found.append("an exception: " + str(told["exceptionDetails"].get("exception", told["exceptionDetails"]))[:500])
        if kind == "Log.entryAdded" and told["entry"]["level"] == "error" and " 401 " not in told["entry"]["text"]:
            found.append(told["entry"]["text"] + " " + told["entry"].get("url", ""))
    browser.events.clear()
    return found


# What Tab must come to, in this order: whatever is shown and can be used.
STOPS = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter((e) =>
  !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) &&
  !(e.type === 'radio' && !e.checked && document.querySelector(`input[name="${e.name}"]:checked`)))"""
FOCUSED = """(() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const drawn = e.closest('svg') ? true : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return { said: e.outerHTML.slice(0, 100), at: window.stops.indexOf(e), drawn,
           seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth };
})()"""
STOPS_MAX = 25  # behind the menu of a page: long lists are alike


def walk(browser, base):
    """Every page by keyboard alone."""
    for path in PAGES:
        visit(browser, base, path)
        check(f"{path} orders the keyboard by hand", browser.run("document.querySelectorAll('[tabindex]:not([tabindex=\"0\"], [tabindex=\"-1\"])').length") == 0)
        check(f"{path} has a heading of a table that is none", browser.run("document.querySelectorAll('main thead th:not([scope])').length") == 0)
        count = browser.run(f"(window.stops = {STOPS}).length")
        first = 0
        if path == PAGES[0]:  # the menu, which all of them have
            browser.run("scrollTo(0, 0); document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); 0")
        else:  # past the menu, at once
            browser.run("document.querySelector('a.skip').focus()")
            browser.key("Enter")
            browser.wait("document.activeElement.id === 'main'")
            first = browser.run("stops.findIndex((e) => !e.closest('.side, .skip'))")
        for at in range(first, min(count, (first or 25) + STOPS_MAX)):
            browser.key("Tab")
            here = browser.run(FOCUSED)
            check(f"{path}: stop {at} is {here['at']}: {here['said']}", here["at"] == at)
            check(f"{path}: the keyboard is out of sight at {here['said']}", here["seen"])
            check(f"{path}: nothing shows that the keyboard is at {here['said']}", here["drawn"])

    # A list is sorted where the keyboard is, and it stays there.
    visit(browser, base, "/apps")
    check("skipping is no other page", browser.run("location.hash") == "")
    browser.run("document.querySelector('[data-sort=name]').focus()")
    for order in ("ascending", "descending"):
        browser.key("Enter")
        browser.wait(f"document.activeElement?.closest('th')?.getAttribute('aria-sort') === '{order}' && !document.querySelector('[aria-busy]')")
    # What was opened is closed by Escape, and the keyboard is where it was.
    browser.run("[...document.querySelectorAll('.views button')].find((b) => b.innerText === 'Keep this view').focus()")
    browser.key("Enter")
    browser.wait("document.activeElement.matches('.views input')")
    browser.key("Escape")
    browser.wait("document.activeElement.innerText === 'Keep this view'")
    browser.look(390, 844, False)
    browser.run("document.querySelector('.menu-button').focus()")
    browser.key("Enter")
    browser.wait("document.querySelector('.menu-button').getAttribute('aria-expanded') === 'true'")
    browser.key("Tab")
    browser.wait("document.activeElement.matches('#menu a')")
    browser.key("Escape")
    browser.wait("document.activeElement.matches('.menu-button') && document.activeElement.getAttribute('aria-expanded') === 'false'")
    browser.look(1360, 900, False)


def use(browser, base, gnomon, database):
    for path in PAGES:
        visit(browser, base, path)
        check(f"{path} has a heading", browser.run("document.querySelector('h1')?.innerText"))
        check(f"{path} carries the coverage statement", browser.wait("document.querySelector('.foot summary')?.innerText.length > 30"))
        check(f"{path} shows no failure", not browser.run("document.querySelector('.message.bad')?.innerText"))
        width = browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check(f"{path} is {width} px wider than the window", width <= 0)
        check(f"{path} made an element of a name", browser.run("document.querySelectorAll('main img, main iframe, main script').length") == 0)
        nameless = browser.run("[...document.querySelectorAll('main :is(a[href], button, input, select, textarea)')].filter((e) => !e.closest('svg') && "
                               "!(e.innerText?.trim() || e.labels?.length || e.getAttribute('aria-label') || e.title)).map((e) => e.outerHTML.slice(0, 90))")
        check(f"{path} has controls without a name: {nameless[:3]}", not nameless)

    # Sorted, the other way round, searched: by what is written in the address too.
    visit(browser, base, "/apps")
    names = "[...document.querySelectorAll('tbody tr th a')].map((a) => a.innerText)"
    browser.run("document.querySelector('[data-sort=name]').click()")
    browser.wait("location.search.includes('sort=name') && document.querySelector('[aria-sort=ascending]') && !document.querySelector('[aria-busy]')")
    up = browser.run(names)
    browser.run("document.querySelector('[data-sort=name]').click()")
    browser.wait("location.search.includes('order=desc') && document.querySelector('[aria-sort=descending]') && !document.querySelector('[aria-busy]')")
    down = browser.run(names)
    check("sorting sorts", len(up) > 1 and up != down and (len(up) == 50 or up == down[::-1]))
    browser.key("/", text="/")
    check("the slash goes to the search", browser.run("document.activeElement.type") == "search")
    browser.type(up[0][:6])
    browser.wait("location.search.includes('q=')")
    browser.wait(f"!document.querySelector('[aria-busy]') && {names}.includes({up[0]!r})")
    browser.open(browser.run("location.href"))
    ready(browser, "/apps")
    check("the address keeps the view", up[0] in browser.run(names))
    visit(browser, base, "/apps")
    browser.run("const s = [...document.querySelectorAll('.tools select')][2]; s.value = 'session'; s.dispatchEvent(new Event('change'))")
    browser.wait("location.search.includes('grade=session') && !document.querySelector('[aria-busy]')")
    check("what was not used is filtered out", browser.run("document.querySelectorAll('tbody .grade.weak').length") == 0)

    # A page behind the last one is the last one, and nothing of it is chosen.
    browser.open(base + "/apps?page=99")
    ready(browser, "/apps")
    check("a page that is not there leads to one that is", browser.run(names))
    check("nothing is chosen yet", browser.run("document.querySelectorAll('.tick input:checked').length") == 0)

    # Sizes are rounded down, as on the command line and in the report.
    sizes = [999, 1_000, 1_999, 12_399, 999_999, 1_999_999_999]
    said = browser.run(f"import('/static/parts.js').then((parts) => {sizes}.map(parts.bytes).join(', '))")
    check(f"sizes are rounded: {said}", said == "999 B, 1.00 kB, 1.99 kB, 12.3 kB, 999 kB, 1.99 GB")

    browser.open(base + "/nope")
    browser.wait("document.querySelector('h1')?.innerText === 'Not there'")
    browser.events.clear()  # which tell that it is not there

    # A view is kept under a name, and the name is not lost when the views that there are come late.
    late = browser.run_first("""(() => {
      const ask = window.fetch;
      window.fetch = async (...all) => {
        if (String(all[0]).endsWith('/views') && !window.letViewsCome) await new Promise((go) => { window.letViewsCome = go; });
        return ask(...all);
      };
    })()""")
    browser.open(base + "/apps?grade=session")
    ready(browser, "/apps")
    browser.run_first_no_more(late)
    browser.wait("window.letViewsCome")
    browser.run("[...document.querySelectorAll('.views button')].find((b) => b.innerText === 'Keep this view').click()")
    browser.type("In ")
    browser.run("letViewsCome(); new Promise((done) => setTimeout(() => done(true), 500))")
    browser.type("use")
    browser.key("Enter")
    browser.wait("document.querySelector('.view a')?.innerText === 'In use'")
    check("the keyboard is where the name was asked for", browser.run("document.activeElement.innerText") == "Keep this view")
    browser.run("localStorage.clear()")
    visit(browser, base, "/apps")
    browser.wait("document.querySelector('.view a')?.innerText === 'In use'")
    browser.run("document.querySelector('.view a').click()")
    browser.wait("location.search.includes('grade=session') && !document.querySelector('[aria-busy]')")

    # One app whole, and a decision.
    name = browser.run("document.querySelector('tbody tr th a').getAttribute('href')").rsplit("/", 1)[1]
    browser.run("document.querySelector('tbody tr th a').click()")
    ready(browser, f"/apps/{name}")
    check("every point of the risk has its row", browser.run("document.querySelectorAll('.rating tbody tr').length") >= 10)
    browser.run("document.querySelector('input[value=unsanctioned]').click()")
    browser.run("[...document.querySelectorAll('.decision .field')].find((f) => f.innerText.startsWith('Owner')).querySelector('input').focus()")
    browser.type("Browser Test")
    browser.run("document.querySelector('.decision form').requestSubmit()")
    browser.wait("document.querySelector('.decision .good')?.innerText === 'Kept.'")
    shown = subprocess.run([gnomon, "show", name, "--db", database], capture_output=True, text=True, check=True).stdout
    check("the command line shows the decision", "unsanctioned" in shown and "Browser Test" in shown)

    # A score of one's own, and its withdrawal.
    browser.open(f"{base}/apps/{name}")
    ready(browser, f"/apps/{name}")
    browser.run("(() => { const d = [...document.querySelectorAll('details.part')].find((e) => e.innerText.startsWith('A score')); d.open = true;"
                "const i = d.querySelectorAll('form.stack input'); i[0].value = '77'; i[1].value = '2026-01-01'; i[3].value = 'by hand'; d.querySelector('form.stack').requestSubmit(); })()")
    browser.wait("[...document.querySelectorAll('details.part li')].some((e) => e.textContent.includes('by hand'))")
    browser.run("(() => { const f = document.querySelector('details.part li form'); f.querySelector('input').value = 'over'; f.requestSubmit(); })()")
    browser.wait("[...document.querySelectorAll('details.part li')].some((e) => e.textContent.includes('(withdrawn)'))")

    # A group of clients.
    visit(browser, base, "/groups")
    browser.run("(() => { const f = document.querySelector('section form.stack'); const i = f.querySelectorAll('input, textarea');"
                "i[0].value = 'lab'; i[1].value = 'The lab'; i[2].value = '10.0.0.0/8'; f.requestSubmit(); })()")
    browser.wait("document.querySelector('article.card h2')?.innerText === 'lab'")
    listed = subprocess.run([gnomon, "group", "list", "--db", database], capture_output=True, text=True).stdout
    check(f"the command line shows the group: {listed}", "lab" in listed and "10.0.0.0/8" in listed)

    # One decision on several apps, by keyboard; it reaches a block list with what that would hit.
    visit(browser, base, "/apps")
    browser.run("document.querySelector('th.tick input').focus()")
    browser.key(" ", text=" ")
    browser.wait("document.querySelector('form.bulk select')")
    browser.run("(() => { const s = document.querySelector('form.bulk select'); s.value = 'unsanctioned'; s.closest('form').requestSubmit(); })()")
    browser.wait("document.querySelector('p.good')?.innerText.includes('changed')")
    browser.wait("!document.querySelector('[aria-busy]') && document.querySelectorAll('tbody .status.unsanctioned').length > 3")
    visit(browser, base, "/exports")
    browser.wait("document.querySelector('[aria-label=Entries] tbody tr')")
    left_out = "(document.querySelector('[aria-label=\"Left out\"]')?.querySelectorAll('tbody tr').length ?? 0)"
    refused = browser.run(left_out)
    check("what others use is left out", refused > 0)
    browser.run("document.querySelectorAll('.check input')[1].click()")
    browser.wait(f"!document.querySelector('[aria-busy]') && {left_out} < {refused}")
    check("the list is asked for as it is shown", "shared=yes" in browser.run("document.querySelector('a.primary').getAttribute('href')"))
    exported = subprocess.run([gnomon, "export", "hosts", "--db", database], capture_output=True, text=True).stdout
    check("the decisions are in the command line's list", exported.count("\n") > 3)

    # Every page follows what happens without being loaded again.
    for path in ("/", f"/apps/{name}", "/coverage", "/audit"):
        visit(browser, base, path)
        browser.run("document.querySelector('main').dataset.mark = 'here'")
        before = int(browser.run("document.querySelector('main').dataset.generation ?? '0'"))
        subprocess.run([gnomon, "review", name, "--owner", f"Owner of {path}", "--status", "under-review", "--db", database], check=True)
        browser.wait(f"Number(document.querySelector('main').dataset.generation ?? 0) > {before}")
        check(f"{path} was not loaded anew", browser.run("document.querySelector('main').dataset.mark") == "here")

    # What is half typed, or was told here alone, is left as it is until it is asked for.
    change = lambda said: subprocess.run([gnomon, "review", name, "--owner", said, "--db", database], check=True)
    offered = "document.querySelector('.news')?.innerText.includes('The inventory has changed')"
    visit(browser, base, f"/apps/{name}")
    browser.run("(() => { const d = [...document.querySelectorAll('details.part')].find((e) => e.innerText.startsWith('A score')); d.open = true; d.querySelectorAll('form.stack input')[3].focus(); })()")
    browser.type("half of a rea")
    change("Somebody else")
    browser.wait(offered)
    browser.type("son")
    check("a half typed reason stays", browser.run("document.activeElement.value") == "half of a reason")
    browser.run("[...document.querySelectorAll('.news button')].find((b) => b.innerText === 'Read this page again').click()")
    ready(browser, f"/apps/{name}")
    browser.wait("[...document.querySelectorAll('.decision input')].some((e) => e.value === 'Somebody else')")
    visit(browser, base, "/policies")
    browser.run("[...document.querySelectorAll('tbody button')].find((b) => b.innerText === 'Test').click()")
    browser.wait("document.querySelector('.told:not(:empty)')")
    change("One more")
    browser.wait(offered)
    check("what a test of a rule said stays", browser.run("document.querySelectorAll('.told:not(:empty)').length") == 1)
    visit(browser, base, "/alerts")
    browser.run("[...document.querySelectorAll('.alert button')].find((b) => b.innerText === 'What is behind it').click()")
    browser.wait("document.querySelector('.told:not(:empty)')")
    change("And one")
    browser.wait(offered)
    check("what is behind an alert stays", browser.run("document.querySelectorAll('.told:not(:empty)').length") == 1)
    visit(browser, base, "/account")
    browser.run("document.querySelector('input[type=password]').focus()")
    browser.type("half")
    change("The last")
    browser.run("new Promise((done) => setTimeout(() => done(true), 4000))")
    check("a half typed password stays", browser.run("document.activeElement.value") == "half")

    # What is decided elsewhere appears without a reload.
    browser.open(f"{base}/apps?q={name}")
    ready(browser, "/apps")
    browser.wait("document.querySelector('tbody .status.under-review')")
    subprocess.run([gnomon, "review", name, "--status", "tolerated", "--db", database], check=True)
    browser.wait("document.querySelector('tbody .status.tolerated')")


def pictures(browser, base, folder, client):
    os.makedirs(folder, exist_ok=True)
    rows = client.get("/api/v1/apps?sort=findings&size=1")["rows"] + client.get("/api/v1/apps?size=1")["rows"]
    more = [f"/apps/{row['id']}" for row in rows[:2]]
    more += [f"/clients/{row['client']}" for row in client.get("/api/v1/clients?size=1")["rows"]]
    more += [f"/assets/{row['server']}" for row in client.get("/api/v1/assets?size=1")["rows"]]
    for width, height, said in ((1360, 860, "wide"), (390, 844, "narrow")):
        for dark in (False, True):
            browser.look(width, height, dark)
            for path in PAGES + more:
                browser.open(base + path)
                ready(browser, path.replace("%3A", ":"))
                browser.run("new Promise((done) => setTimeout(done, 250))")
                name = path.strip("/").replace("/", "-").replace(":", "_") or "overview"
                browser.picture(os.path.join(folder, f"{name}.{said}.{'dark' if dark else 'light'}.png"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gnomon", required=True)
    parser.add_argument("--db")
    parser.add_argument("--pictures")
    options = parser.parse_args()
    if not find_chromium():
        print("skipped: there is no Chromium here")
        return 77
    gnomon = os.path.abspath(options.gnomon)
    pcaps = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps")
    with tempfile.TemporaryDirectory() as folder:
        database = options.db or os.path.join(folder, "gnomon.db")
        if not options.db:
            folders = [os.path.join(pcaps, each) for each in sorted(os.listdir(pcaps)) if os.path.isdir(os.path.join(pcaps, each))]
            hostile = os.path.join(folder, "hostile.pcap")
            with open(hostile, "wb") as file:
                file.write(make_capture())
            subprocess.run([gnomon, "replay", "--db", database, *folders, hostile], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not os.path.exists(database + "-accounts"):
            add_user(gnomon, database, "ann", "admin")
        console = Console(gnomon, database)
        browser = None
        try:
            base = f"http://127.0.0.1:{console.port}"
            browser = Browser()
            sign_in(browser, base, "ann")
            if options.pictures:
                client = Client(console.port)
                client.sign_in("ann")
                pictures(browser, base, options.pictures, client)
            else:
                walk(browser, base)
                use(browser, base, gnomon, database)
            wrong = complaints(browser, base)
            check("the browser complains: " + "; ".join(wrong[:5]), not wrong)
        finally:
            if browser:
                browser.close()
            console.stop()
    print("the console works in a browser")
    return 0


if __name__ == "__main__":
    sys.exit(main())
