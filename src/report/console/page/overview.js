import { h } from './dom.js';
import { get } from './api.js';
import { number, bytes, risk, status, grade, figure, figures, section, counted, spoken, day, severity, none } from './parts.js';
import { timelineChart } from './charts.js';

function shares(rows, hrefOf, show) {
  const most = Math.max(...rows.map((row) => row.count), 1);
  return h('ul', { class: 'shares' }, rows.map((row) => {
    const bar = h('span', { class: 'share-bar', 'aria-hidden': 'true' }, h('span', { class: `fill l-${row.name}` }));
    bar.firstChild.style.width = `${row.count === 0 ? 0 : Math.max(2, (row.count / most) * 100)}%`;
    return h('li', {}, h('a', { href: hrefOf(row.name) }, show(row.name)), bar, h('span', { class: 'n' }, number(row.count)));
  }));
}

// What was found, in words.
const kinds = { pii: 'personal data', secret: 'secrets', financial: 'financial data', health: 'health data', confidential: 'confidential markings', 'source-code': 'source code', 'prompt-attack': 'attacks in prompts', misuse: 'attack code, threats and abuse', 'customer-data': 'customer data', 'tax-business': 'tax and company numbers', 'network-device': 'addresses of devices', infrastructure: 'infrastructure as code' };
const kindOf = (category) => { const [first, ...rest] = category.split('.'); return [kinds[first] ?? spoken(first), rest.length ? ` (${rest.map(spoken).join(', ')})` : ''].join(''); };

const appLine = (app) => h('tr', {},
  h('th', { scope: 'row', 'data-label': 'App' }, h('a', { href: `/apps/${encodeURIComponent(app.id)}` }, app.name), h('span', { class: 'sub' }, [app.vendor, spoken(app.category)].filter(Boolean).join(' · '))),
  h('td', { 'data-label': 'Risk' }, risk(app.risk)),
  h('td', { 'data-label': 'Evidence' }, grade(app.grade)),
  h('td', { class: 'n', 'data-label': 'Clients' }, number(app.clients_used)),
  h('td', { class: 'n', 'data-label': 'Findings' }, number(app.findings)),
  h('td', { 'data-label': 'First seen' }, day(app.first_seen)));
const appTable = (apps, label) => h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, h('table', { class: 'cards' },
  h('thead', {}, h('tr', {}, ['App', 'Risk', 'Evidence', 'Clients', 'Findings', 'First seen'].map((text, at) => h('th', { scope: 'col', class: at === 3 || at === 4 ? 'n' : '' }, text)))),
  h('tbody', {}, apps.map(appLine))));

export async function overview() {
  const data = await get('overview');
  const empty = !data.last_packet;
  const page = h('div', {},
    h('header', { class: 'head' }, h('h1', {}, 'Overview'),
      h('p', { class: 'about' }, empty ? 'Nothing has been recorded yet.'
        : `What was seen ${data.first_packet ? `from ${day(data.first_packet)} ` : 'up '}to ${day(data.last_packet)} (UTC), in ${counted(data.runs, 'capture run')}.`)));
  if (empty) {
    page.append(h('div', { class: 'message' }, h('p', {}, data.runs ? `${counted(data.runs, 'capture run')} held no packet. The inventory fills itself while the sensor runs, or with ` : 'The inventory is empty. It fills itself while the sensor runs, or with '),
      h('p', {}, h('code', {}, `gnomon replay --db ${data.database} FILE…`))));
    return { title: 'Overview', node: page };
  }
  page.append(
    figures(
      figure(number(data.apps_used), 'AI apps in use', '/apps?grade=session'),
      figure(number(data.clients_used), 'clients using them', '/clients?grade=session'),
      figure(bytes(data.counts_used.bytes_to_server), 'sent to AI'),
      figure(number(data.findings), data.findings_low ? `findings in content, and ${number(data.findings_low)} of low confidence` : 'findings in content', '/findings?confidence=high'),
      figure(number(data.assets), 'self-hosted servers', '/assets'),
      figure(number(data.candidates), 'candidates to decide', '/candidates?status=new')),
    h('div', { class: 'split' },
      section('In short', null, h('ul', { class: 'headlines' }, data.headlines.map((each) =>
        h('li', {}, h('b', {}, each.subject), h('span', {}, each.text))))),
      h('div', {},
        section('Apps by risk', null, shares([...data.levels].reverse(), (level) => `/apps?level=${level}`, spoken)),
        section('Decisions on apps in use', data.overdue > 0 ? `${counted(data.overdue, 'review is', 'reviews are')} overdue.` : null,
          data.statuses.length ? shares(data.statuses, (each) => `/apps?status=${each}&grade=session`, (each) => status(each)) : none('No app was used.')),
        section('Findings in content by kind', null, data.finding_categories.length ? shares(data.finding_categories, (each) => `/findings?confidence=high&category=${encodeURIComponent(each)}`, kindOf)
          : none('Nothing with high confidence in what could be read.')),
        section('Who uses it most', null, data.top_clients.length ? h('ul', { class: 'top' }, data.top_clients.map((each) => h('li', {},
          h('span', {}, h('a', { class: 'mono', href: `/clients/${encodeURIComponent(each.client)}` }, each.client), each.name ? h('span', { class: 'sub' }, each.name) : null),
          h('span', { class: 'n' }, counted(each.apps_used, 'app')), h('span', { class: 'n' }, bytes(each.sent), ' sent')))) : none('Nobody.')),
        section('Open alerts', null, data.open_alerts.length ? h('ul', { class: 'inline-list' }, data.open_alerts.map((each) =>
          h('li', {}, h('a', { href: `/alerts?state=open&severity=${each.name}` }, severity(each.name)), ' ', number(each.count)))) : none('None.')))),
    section('Traffic to AI apps', 'All connections, also those that are not counted as use.', timelineChart(data.timeline, 'Traffic to AI apps')),
    section('To be decided first', 'Apps in use that nobody has decided on, riskiest first.',
      data.to_decide.length ? appTable(data.to_decide, 'Apps to be decided') : none(data.apps_used ? 'Every app in use has been decided on.' : 'No app was used.')),
    section('New', 'Apps that were first used most recently.', data.newest.length ? appTable(data.newest, 'New apps') : none('No app was used.')));
  return { title: 'Overview', node: page };
}
