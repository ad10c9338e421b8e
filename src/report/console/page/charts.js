// Chart.js in the page's colours, each chart with its numbers as a table for those who cannot see it.
import { h } from './dom.js';
import { bytes, number } from './parts.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const alive = new Set();
export function forgetCharts() {
  for (const chart of alive) chart.destroy();
  alive.clear();
}
const stepWords = { hour: 'hour', day: 'day', week: 'week', '4 weeks': 'four weeks' };

function label(step, text) {
  return step === 'hour' ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(0, 10);
}

export function timelineChart(timeline, about) {
  const bars = timeline.bars;
  if (!bars.length) return h('p', { class: 'none' }, 'There is no traffic to draw yet.');
  const canvas = h('canvas', { role: 'img', 'aria-label': `${about}: bytes sent and received by ${stepWords[timeline.step]}; the numbers are in the table below` });
  const box = h('div', { class: 'canvas' }, canvas);
  const draw = () => {
    if (!canvas.isConnected || !window.Chart) return;
    const ink = colour('--soft');
    const chart = new window.Chart(canvas, {
      type: 'bar',
      data: {
        labels: bars.map((bar) => label(timeline.step, bar[0])),
        datasets: [
          { label: 'Sent', data: bars.map((bar) => bar[3]), backgroundColor: colour('--c0'), stack: 'all' },
          { label: 'Received', data: bars.map((bar) => bar[4]), backgroundColor: colour('--c1'), stack: 'all' },
        ],
      },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        plugins: {
          legend: { align: 'end', labels: { color: ink, boxWidth: 10, boxHeight: 10, font: { size: 12 } } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${bytes(item.raw)}`,
            afterBody: (items) => `${number(bars[items[0].dataIndex][2])} sessions` } },
        },
        scales: {
          x: { stacked: true, grid: { display: false }, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 18, font: { size: 11 } } },
          y: { stacked: true, border: { display: false }, grid: { color: colour('--rule'), drawBorder: false }, ticks: { color: ink, maxTicksLimit: 5, callback: bytes, font: { size: 11 } } },
        },
      },
    });
    alive.add(chart);
  };
  requestAnimationFrame(draw);
  return h('div', {}, box, h('details', { class: 'numbers' }, h('summary', {}, 'As numbers'),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Numbers of the chart' }, h('table', {},
      h('thead', {}, h('tr', {}, ['From (UTC)', 'Sessions', 'Sent', 'Received'].map((text, at) => h('th', { scope: 'col', class: at ? 'n' : '' }, text)))),
      h('tbody', {}, bars.slice(-400).map((bar) => h('tr', {}, h('td', {}, bar[0].slice(0, 16).replace('T', ' ')),
        h('td', { class: 'n' }, number(bar[2])), h('td', { class: 'n' }, bytes(bar[3])), h('td', { class: 'n' }, bytes(bar[4])))))))));
}
