import { h, svg } from './dom.js';
import { get, word, query, may } from './api.js';
import { number, usedOf, bytes, time, date, day, risk, status, grade, chips, figure, figures, section, spoken, title, soft, none, listTable, counted, place } from './parts.js';
import { listPage } from './list.js';
import { timelineChart } from './charts.js';
import { bulkForm } from './bulk.js';
import { decisionCard, overrideBlock, registerBlock } from './decision.js';

export const statuses = [['unreviewed', 'unreviewed'], ['under-review', 'under review'], ['sanctioned', 'sanctioned'], ['tolerated', 'tolerated'], ['unsanctioned', 'unsanctioned']];
const levels = ['critical', 'high', 'medium', 'low', 'minimal'];
const gradeWords = [['session', 'used (session and better)'], ['use', 'use seen, and better'], ['content', 'content read'], ['name', 'contacted, and better'], ['dns', 'looked up, and better']];

const columns = [
  { key: 'name', title: 'App', sort: 'name', main: true, cell: (app) => [h('a', { href: `/apps/${word(app.id)}` }, app.name), h('span', { class: 'sub' }, [app.vendor, app.vendor_country, spoken(app.category)].filter(Boolean).join(' · '))] },
  { key: 'risk', title: 'Risk', sort: 'risk', down: true, first: true, cell: (app) => risk(app.risk) },
  { key: 'status', title: 'Decision', sort: 'status', cell: (app) => status(app.status) },
  { key: 'grade', title: 'Evidence', sort: 'grade', down: true, cell: (app) => grade(app.grade) },
  { key: 'clients', title: 'Clients', sort: 'clients', down: true, n: true, cell: (app) => usedOf(app.clients_used, app.clients) },
  { key: 'findings', title: 'Findings', sort: 'findings', down: true, n: true, cell: (app) => number(app.findings) },
  { key: 'uploads', title: 'Uploaded', sort: 'uploads', down: true, n: true, cell: (app) => bytes(app.counts.upload_bytes) },
  { key: 'bytes', title: 'Traffic', sort: 'bytes', down: true, n: true, cell: (app) => bytes(app.counts.bytes_to_server + app.counts.bytes_to_client) },
  { key: 'usages', title: 'How', cell: (app) => chips(app.usages) },
  { key: 'last_seen', title: 'Last seen', sort: 'last_seen', down: true, cell: (app) => date(app.last_seen) },
];

export async function apps() {
  const list = listPage({
    path: '/apps', api: 'apps', search: 'Name, vendor or id', columns,
    none: 'No AI app has been seen yet.',
    choose: may('reviewer') ? { id: (app) => app.id, said: (app) => app.name, form: bulkForm } : null,
    filters: [
      { key: 'status', title: 'Decision', words: statuses },
      { key: 'level', title: 'Risk at least', words: levels.map((each) => [each, each]) },
      { key: 'grade', title: 'Evidence', words: gradeWords },
      { key: 'category', title: 'Category', say: title },
      { key: 'usage', title: 'How', say: title },
      { key: 'findings', title: 'Findings', words: [['yes', 'found']] },
      // An address that a link or a kept view names; there are too many to choose from.
      { key: 'client', title: 'Client', words: [], given: true },
    ],
  });
  await list.ready;
  return { title: 'Apps', node: h('div', {}, h('header', { class: 'head' }, h('h1', {}, 'Apps'),
    h('p', { class: 'about' }, 'Every AI app with evidence of any grade. What was only looked up or contacted is not called use: (+2) is two clients more that did no more than that.')), list),
  refresh: list.refresh, find: list.find, dirty: list.dirty };
}

const partWords = { vendor: 'Vendor posture', exposure: 'Exposure', governance: 'Governance', override: 'Override' };
const partAbout = {
  vendor: 'What is known of the vendor', exposure: 'What was observed here', governance: 'What has been decided', override: 'Set by hand',
};

export function riskBlock(rating, rows) {
  if (!rating) return none('Not rated: the inventory holds no rubric.');
  const scale = svg('svg', { class: 'scale', viewBox: '0 0 100 10', preserveAspectRatio: 'none', role: 'img', 'aria-label': `Score ${rating.score} of 100, at worst ${rating.score_worst}` },
    svg('rect', { width: 100, height: 10, class: 'back' }), svg('rect', { width: rating.score_worst, height: 10, class: 'ghost' }),
    svg('rect', { width: rating.score, height: 10, class: `fill l-${rating.level}` }));
  const parts = [...new Set(rows.map((row) => row.part))];
  return h('div', { class: 'rating-block' },
    h('p', { class: 'verdict' }, risk(rating), ' ', soft(`${rating.confidence} % of what decides is known; were all unknown answers bad, it would be ${rating.score_worst}.`)),
    scale,
    parts.map((part) => {
      const mine = rows.filter((row) => row.part === part);
      const points = mine.reduce((sum, row) => sum + row.points, 0);
      return h('details', { class: 'part', open: !window.matchMedia('(max-width: 44rem)').matches },
        h('summary', {}, h('b', {}, partWords[part] ?? title(part)), ' ', soft(partAbout[part] ?? ''), h('span', { class: 'n points-sum' }, counted(points, 'point'))),
        h('div', { class: 'scroll' }, h('table', { class: 'cards rating' },
          h('thead', {}, h('tr', {}, ['What', 'Answer', 'Why it counts', 'Points'].map((text, at) => h('th', { scope: 'col', class: at === 3 ? 'n' : '' }, text)))),
          h('tbody', {}, mine.map((row) => h('tr', { class: row.known ? '' : 'unknown' },
            h('th', { scope: 'row', 'data-label': 'What' }, row.label), h('td', { 'data-label': 'Answer' }, row.value),
            h('td', { class: 'wide', 'data-label': 'Why it counts' }, row.why), h('td', { class: 'n', 'data-label': 'Points' }, `${row.points} of ${row.points_max}`)))))));
    }));
}

// A list of which the first rows came with the page and the rest is fetched.
export function moreTable(label, data, columnsShown, path) {
  const body = h('tbody', {});
  const add = (rows) => rows.forEach((row) => body.append(h('tr', {}, columnsShown.map((column) =>
    h(column.main ? 'th' : 'td', { scope: column.main ? 'row' : undefined, class: [column.n ? 'n' : '', column.wide ? 'wide' : ''].join(' ').trim(), 'data-label': column.title }, column.cell(row))))));
  add(data.rows);
  let shown = data.rows.length;
  let page = 1;
  const more = h('button', { type: 'button', class: 'more', hidden: shown >= data.total, onclick: async () => {
    more.disabled = true;
    const next = await get(path + query({ page: ++page, size: data.size }));
    add(next.rows);
    shown += next.rows.length;
    more.disabled = false;
    more.hidden = shown >= next.total || next.rows.length === 0;
    more.textContent = `Show more (${number(shown)} of ${number(next.total)})`;
  } }, `Show more (${number(shown)} of ${number(data.total)})`);
  return h('div', {}, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, h('table', { class: 'cards' },
    h('thead', {}, h('tr', {}, columnsShown.map((column) => h('th', { scope: 'col', class: column.n ? 'n' : '' }, column.title)))), body)), more);
}

const clientColumns = [
  { title: 'Client', main: true, cell: (row) => (row.client ? [h('a', { class: 'mono', href: `/clients/${word(row.client)}` }, row.client), row.name ? h('span', { class: 'sub' }, row.name) : null] : 'others') },
  { title: 'Evidence', cell: (row) => grade(row.grade) },
  { title: 'How', cell: (row) => chips(row.usages) },
  { title: 'With', cell: (row) => chips(row.client_kinds) },
  { title: 'Sessions', n: true, cell: (row) => number(row.counts.sessions) },
  { title: 'Sent', n: true, cell: (row) => bytes(row.counts.bytes_to_server) },
  { title: 'Received', n: true, cell: (row) => bytes(row.counts.bytes_to_client) },
  { title: 'Last seen', cell: (row) => date(row.last_seen) },
];
const endpointColumns = [
  { title: 'Host', main: true, cell: (row) => h('span', { class: 'mono' }, row.host) },
  { title: 'Role', cell: (row) => spoken(row.role) || soft('–') },
  { title: 'Over', cell: (row) => [row.app_proto || row.protocol, row.port ? `:${row.port}` : ''].join('') },
  { title: 'Evidence', cell: (row) => grade(row.grade) },
  { title: 'Clients', n: true, cell: (row) => number(row.clients) },
  { title: 'Sessions', n: true, cell: (row) => number(row.counts.sessions) },
  { title: 'Sent', n: true, cell: (row) => bytes(row.counts.bytes_to_server) },
];
const evidenceColumns = [
  { title: 'Evidence', main: true, cell: (row) => grade(row.grade) },
  { title: 'Why', wide: true, cell: (row) => [row.why, ' ', h('span', { class: 'sub mono' }, row.host)] },
  { title: 'Client', cell: (row) => (row.client ? h('a', { class: 'mono', href: `/clients/${word(row.client)}` }, row.client) : 'others') },
  { title: 'When (UTC)', cell: (row) => time(row.time) },
  { title: 'Packet', wide: true, cell: place },
];

const attributeWords = { trains_on_customer_data_default: 'Trains on customer data', soc2: 'SOC 2', iso27001: 'ISO 27001', hipaa_baa: 'HIPAA BAA', gdpr_dpa: 'GDPR processing agreement', sso: 'Single sign-on' };

export async function app({ words }) {
  const id = words[0];
  const data = await get(`apps/${word(id)}`);
  const about = data.app;
  const api = `apps/${word(id)}`;
  const decision = await decisionCard(about, data.decision, data.exceptions);
  const [registers, override] = await Promise.all([registerBlock(id), overrideBlock(id)]);
  const attributes = Object.entries(data.attributes);
  const node = h('div', {},
    h('header', { class: 'head' },
      h('p', { class: 'crumbs' }, h('a', { href: '/apps' }, 'Apps'), ' / ', soft(about.id)),
      h('h1', {}, about.name),
      h('p', { class: 'about' }, [about.vendor, about.vendor_country, title(about.category)].filter(Boolean).join(' · ')),
      h('p', { class: 'badges' }, risk(about.risk), ' ', status(about.status), ' ', grade(about.grade),
        data.review_required ? h('b', {}, 'A rule asks for a decision') : null, data.tags.map((tag) => h('span', { class: 'chip' }, tag)),
        about.used ? null : soft(' Only looked up or contacted: that is not called use.'))),
    figures(figure(number(about.used ? about.clients_used : about.clients), !about.used ? 'clients that asked' : about.clients > about.clients_used ? `clients with a session, and ${number(about.clients - about.clients_used)} that only asked` : 'clients'), figure(number(about.counts.sessions), 'sessions'), figure(bytes(about.counts.bytes_to_server), 'sent'),
      figure(bytes(about.counts.bytes_to_client), 'received'), figure(number(about.counts.upload_events), 'uploads'), figure(number(about.findings), about.findings_low ? `findings in content, and ${number(about.findings_low)} of low confidence` : 'findings in content')),
    h('div', { class: 'with-side' },
      h('div', {},
        section('Risk', 'Every point explained. An unknown answer is neither safe nor unsafe: it lowers the confidence.', riskBlock(about.risk, data.risk_rows ?? []), override),
        section('Traffic', `First seen ${day(about.first_seen)}, last ${day(about.last_seen)}.`, timelineChart(data.timeline, `Traffic of ${about.name}`))),
      h('aside', { 'aria-label': 'Decision' }, decision)),
    data.lists.map((list) => section(list.title, list.about, listTable(list, ['app']))),
    section('Clients', null, data.clients.total ? moreTable('Clients', data.clients, clientColumns, `${api}/clients`) : none('No client has a row of its own.')),
    section('Endpoints', null, moreTable('Endpoints', data.endpoints, endpointColumns, `${api}/endpoints`)),
    section('Evidence', 'For each client, host and use the packet that proves it best.', moreTable('Evidence', data.evidence, evidenceColumns, `${api}/evidence`)),
    section('Registers', 'What frameworks ask an inventory of AI for, filled or said to be unknown.', registers),
    section('Vendor', attributes.length ? null : 'The catalogue says nothing more of this vendor.', h('dl', { class: 'facts' }, attributes.map(([key, value]) =>
      h('div', {}, h('dt', {}, attributeWords[key] ?? title(key)), h('dd', { class: value === 'unknown' ? 'soft' : '' }, /^https:\/\/[^\s]+$/.test(value) ? h('span', { class: 'mono' }, value) : value))))));
  return { title: about.name, node };
}
