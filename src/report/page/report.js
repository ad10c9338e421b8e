// What the page does besides being read: charts, sorting, filtering, and paper. Without it every
// table and number is there just the same.
"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const number = new Intl.NumberFormat("en");

  const bytes = (count) => {
    const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let unit = 0;
    let scale = 1;
    while (count / scale >= 1000 && unit + 1 < units.length) {
      scale *= 1000;
      ++unit;
    }
    // Rounded down, as the tables are.
    const parts = unit === 0 || count / scale >= 100 ? 1 : count / scale >= 10 ? 10 : 100;
    return Math.floor(count / (scale / parts)) / parts + " " + units[unit];
  };

  // Charts. Each figure holds its numbers as a table, which is folded away once they are drawn.

  const barsOverTime = (series, shown) => ({
    type: "bar",
    data: {
      labels: data.timeline.labels,
      datasets: series.map(({ label, values, paint }) => ({
        label, data: values, paint, categoryPercentage: 0.92, barPercentage: 1, maxBarThickness: 56, stack: "all",
      })),
    },
    options: {
      scales: {
        x: { stacked: true, grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 16 } },
        y: { stacked: true, beginAtZero: true, ticks: { callback: shown, maxTicksLimit: 5, precision: 0 } },
      },
      plugins: {
        legend: { display: series.length > 1 },
        tooltip: { mode: "index", callbacks: { label: (item) => item.dataset.label + ": " + shown(item.raw) } },
      },
    },
  });
  const barsByName = (rows, label, shown, paint) => ({
    type: "bar",
    data: {
      labels: rows.map((row) => row.name),
      datasets: [{ label, data: rows.map((row) => row.value), paint, maxBarThickness: 18 }],
    },
    options: {
      indexAxis: "y",
      scales: {
        x: { beginAtZero: true, ticks: { callback: shown, maxTicksLimit: 5, precision: 0, maxRotation: 0 } },
        y: {
          grid: { display: false },
          ticks: {
            autoSkip: false,
            callback(value) {
              const name = this.getLabelForValue(value);
              const most = this.chart.width < 420 ? 18 : 26;
              return name.length > most ? name.slice(0, most - 1) + "\u2026" : name;
            },
          },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { label: (item) => label + ": " + shown(item.raw) } },
      },
    },
  });
  const count = (value) => number.format(value);
  const makers = {
    connections: () => barsOverTime([
      { label: "With data both ways", values: data.timeline.sessions, paint: "--c0" },
      { label: "Other connections", values: data.timeline.others, paint: "--c1" },
    ], count),
    volume: () => barsOverTime([
      { label: "Sent", values: data.timeline.sent, paint: "--c0" },
      { label: "Received", values: data.timeline.received, paint: "--c1" },
    ], bytes),
    sent: () => barsByName(data.sent, "Sent", bytes,
      data.sent.map((row) => row.level < 0 ? "--p2" : "--r" + row.level + "-bar")),
    categories: () => barsByName(data.categories, "Apps", count, "--c0"),
  };

  const charts = [];
  // Gives a chart, or what one is made from, the page's colours of now.
  const paint = ({ data: { datasets }, options }) => {
    for (const set of datasets)
      set.backgroundColor = Array.isArray(set.paint) ? set.paint.map(colour) : colour(set.paint);
    for (const scale of Object.values(options.scales)) {
      scale.ticks = Object.assign(scale.ticks, { color: colour("--soft") });
      scale.grid = Object.assign(scale.grid || {}, { color: colour("--rule"), borderColor: colour("--rule") });
    }
    Object.assign(options.plugins.legend, { labels: { color: colour("--ink"), boxWidth: 12, boxHeight: 12 } });
  };
  const repaint = () => {
    for (const chart of charts) {
      paint(chart);
      chart.update();
    }
  };
  const draw = () => {
    Chart.defaults.font.family = colour("--sans");
    Chart.defaults.font.size = 12;
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Object.assign(Chart.defaults.plugins.legend, { align: "start", position: "top" });
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const canvas = figure.querySelector(".canvas");
      const config = makers[figure.dataset.chart]();
      if (config.options.indexAxis === "y")
        canvas.style.height = Math.max(6, 2.5 + config.data.labels.length * 1.75) + "rem";
      canvas.hidden = false;
      paint(config);
      charts.push(new Chart(canvas.querySelector("canvas"), config));
      figure.querySelector("details").open = false;
    }
  };
  if (window.Chart) draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  // Long tables show their first rows until the rest is asked for; paper shows all of them.

  const narrow = matchMedia("(max-width: 44rem)");
  const folds = new Map();
  const fold = (table) => {
    const state = folds.get(table);
    if (!state) return;
    const rows = Array.from(table.tBodies[0].rows).filter((row) => !row.hidden);
    const most = state.open ? rows.length : narrow.matches ? 8 : 25;
    // A few more are not worth a button.
    const cut = rows.length > most + 4 ? most : rows.length;
    rows.forEach((row, at) => row.classList.toggle("rest", at >= cut));
    state.button.hidden = !state.open && cut === rows.length;
    state.button.setAttribute("aria-expanded", String(state.open));
    state.button.textContent = state.open ? "Show the first rows only" : "Show all " + number.format(rows.length) + " rows";
  };
  for (const table of document.querySelectorAll("main table")) {
    if (!table.tBodies[0] || table.tBodies[0].rows.length <= 12) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    folds.set(table, { open: false, button });
    button.addEventListener("click", () => {
      const state = folds.get(table);
      state.open = !state.open;
      fold(table);
    });
    (table.closest(".scroll") || table).after(button);
    fold(table);
  }
  narrow.addEventListener("change", () => { for (const table of folds.keys()) fold(table); });

  // Sorting: a click on a column's name, a second one turns it round.

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v !== undefined ? Number(cell.dataset.v) : cell.textContent.trim().toLowerCase();
  };
  const sortBy = (table, column, descending) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({ row, value: valueOf(row, column) }));
    const order = new Intl.Collator("en", { numeric: true });
    rows.sort((a, b) => typeof a.value === "number" && typeof b.value === "number"
      ? a.value - b.value : order.compare(a.value, b.value));
    if (descending) rows.reverse();
    body.append(...rows.map((each) => each.row));
    fold(table);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        // Numbers are wanted from the top, words from the beginning.
        const first = head.classList.contains("n") || head.dataset.top !== undefined;
        const descending = before === null ? first : before === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sortBy(table, column, descending);
      });
    });
  }

  // Filtering: a text, a lowest risk, a decision.

  const tools = document.querySelector(".tools");
  if (tools) {
    const rows = Array.from(document.querySelector("#apps table").tBodies[0].rows,
      (row) => ({ row, text: row.textContent.toLowerCase() }));
    const [text, level, status] = tools.querySelectorAll("input, select");
    const said = tools.querySelector("output");
    const filter = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const each of rows) {
        const fits = words.every((word) => each.text.includes(word)) &&
          Number(each.row.dataset.level) >= Number(level.value) &&
          (status.value === "" || each.row.dataset.status === status.value);
        each.row.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      fold(document.querySelector("#apps table"));
      said.textContent = shown === rows.length
        ? number.format(shown) + " apps" : number.format(shown) + " of " + number.format(rows.length) + " apps";
    };
    for (const control of [text, level, status]) control.addEventListener("input", filter);
    tools.hidden = false;
    filter();
  }

  // A link to an app opens it.

  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#app-']");
    if (link && link.hash === location.hash) openTarget();
  });
  openTarget();

  // Paper: everything open, in the light colours, charts as wide as the sheet.

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll(".apps-whole > details:not([open]), .more:not([open])"));
    for (const each of opened) each.open = true;
    root.classList.add("on-paper");
    repaint();
    // Half of a sheet's width: the page is still as wide as the screen.
    for (const chart of charts) chart.resize(336, Math.min(chart.height, 270));
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
    opened = [];
    root.classList.remove("on-paper");
    repaint();
    for (const chart of charts) chart.resize();
  });
})();
