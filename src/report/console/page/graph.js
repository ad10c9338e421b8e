// Who talks to what: clients on the left, servers in the middle, tools on the right. Columns, as one
// reads them; a cloud of forces looks alive and tells less.
import { h, svg, visible } from './dom.js';

const WIDTH = 860;
const ROW = 34;
const BOX = { client: [0, 200], server: [330, 220], tool: [680, 180] };
const short = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

export function graph(data) {
  if (!data.nodes.length) return h('p', { class: 'none' }, 'Nobody was seen talking to a self-hosted AI server.');
  const columns = { client: [], server: [], tool: [] };
  const byId = new Map();
  for (const node of data.nodes) { const entry = { ...node, label: visible(node.label), note: visible(node.note), links: [] }; byId.set(node.id, entry); columns[node.kind].push(entry); }
  for (const edge of data.edges) {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    if (!from || !to) continue;
    from.links.push(to);
    to.links.push(from);
  }
  columns.server.sort((a, b) => b.links.length - a.links.length || a.label.localeCompare(b.label));
  columns.server.forEach((node, at) => { node.at = at; });
  // Neighbours near each other: each by the middle of whom it talks to.
  const middle = (node) => (node.links.length ? node.links.reduce((sum, each) => sum + (each.at ?? 0), 0) / node.links.length : 0);
  for (const kind of ['client', 'tool']) {
    columns[kind].sort((a, b) => middle(a) - middle(b) || a.label.localeCompare(b.label));
    columns[kind].forEach((node, at) => { node.at = at; });
  }
  const rows = Math.max(...Object.values(columns).map((each) => each.length));
  const height = rows * ROW + 34;
  for (const [kind, nodes] of Object.entries(columns)) {
    const gap = (height - 34) / Math.max(nodes.length, 1);
    nodes.forEach((node, at) => { node.x = BOX[kind][0]; node.width = BOX[kind][1]; node.y = 34 + gap * at + gap / 2; });
  }
  const most = Math.max(...data.edges.map((edge) => edge.weight), 1);
  const lines = data.edges.map((edge) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    if (!from || !to || from.kind === to.kind) return null;
    const [left, right] = from.x < to.x ? [from, to] : [to, from];
    const x1 = left.x + left.width;
    const bend = (right.x - x1) / 2;
    return svg('path', { class: 'edge', 'data-from': edge.from, 'data-to': edge.to,
      d: `M${x1} ${left.y}C${x1 + bend} ${left.y} ${right.x - bend} ${right.y} ${right.x} ${right.y}`,
      'stroke-width': 1 + 4 * Math.sqrt(edge.weight / most) });
  });
  const picture = svg('svg', { class: 'graph', viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: 'group', 'aria-label': 'Clients, self-hosted servers and tools, with what goes between them' });
  const light = (id) => {
    picture.classList.toggle('lit', id !== null);
    for (const line of picture.querySelectorAll('.edge'))
      line.classList.toggle('on', id !== null && (line.dataset.from === id || line.dataset.to === id));
  };
  const heads = [['client', 'Clients'], ['server', 'Servers'], ['tool', 'Tools']].filter(([kind]) => columns[kind].length)
    .map(([kind, said]) => svg('text', { class: 'head', x: BOX[kind][0], y: 14 }, said));
  const boxes = [...byId.values()].map((node) => {
    const talks = node.links.map((each) => each.label);
    const href = node.kind === 'client' && node.id.startsWith('client ') ? `/clients/${encodeURIComponent(node.id.slice(7))}`
      : node.kind === 'server' && node.level ? `/assets/${encodeURIComponent(node.id.slice(7))}` : null;
    const inner = [
      svg('title', {}, `${node.label}${node.note ? ` (${node.note})` : ''}: talks to ${talks.slice(0, 8).join(', ') || 'nobody'}`),
      svg('rect', { x: node.x, y: node.y - 14, width: node.width, height: 28, rx: 5, class: `node ${node.kind} ${node.level ? `l-${node.level}` : ''}` }),
      svg('text', { x: node.x + 9, y: node.note ? node.y - 1 : node.y + 4, class: 'label' }, short(node.label, Math.floor(node.width / 7.4))),
      node.note ? svg('text', { x: node.x + 9, y: node.y + 10, class: 'note' }, short(node.note, Math.floor(node.width / 6.2))) : null,
    ];
    const props = { onmouseenter: () => light(node.id), onmouseleave: () => light(null), onfocus: () => light(node.id), onblur: () => light(null) };
    return href ? svg('a', { href, ...props }, inner) : svg('g', { tabindex: 0, role: 'img', 'aria-label': `${node.label} ${node.note}`, ...props }, inner);
  });
  picture.append(...heads, ...lines.filter(Boolean), ...boxes);
  return h('div', { class: 'scroll graph-box', tabindex: 0, role: 'region', 'aria-label': 'Graph' }, picture);
}
