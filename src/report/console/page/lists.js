// Clients, self-hosted servers, candidates, and the lists that the server describes.
import { h, replace } from './dom.js';
import { get, send, word, may, Problem } from './api.js';
import { number, usedOf, bytes, date, grade, risk, chips, figure, figures, section, soft, spoken, status, listTable, trouble, isNumber, classOf, cell, mono, title, place, field, counted, none, day } from './parts.js';
import { listPage } from './list.js';
import { graph } from './graph.js';
import { riskBlock } from './apps.js';

const head = (said, about) => h('header', { class: 'head' }, h('h1', {}, said), h('p', { class: 'about' }, about));
const appLinks = (row) => h('span', { class: 'app-links' }, row.top_apps.map((app) => h('a', { href: `/apps/${word(app.id)}`, class: `dot l-${app.level || 'none'}` }, app.name)),
  row.apps > row.top_apps.length ? soft(`and ${number(row.apps - row.top_apps.length)} more`) : null);

export async function clients() {
  const list = listPage({
    path: '/clients', api: 'clients', search: 'Address, name or MAC', none: 'No client was seen with an AI app.',
    filters: [{ key: 'grade', title: 'Evidence', words: [['session', 'used an app'], ['use', 'use seen'], ['content', 'content read']] }],
    columns: [
      { title: 'Client', sort: 'client', main: true, cell: (row) => [h('a', { class: 'mono', href: `/clients/${word(row.client)}` }, row.client), row.name ? h('span', { class: 'sub' }, row.name) : null] },
      { title: 'Evidence', cell: (row) => grade(row.grade) },
      { title: 'Apps', sort: 'apps', down: true, n: true, cell: (row) => usedOf(row.apps_used, row.apps) },
      { title: 'Riskiest', wide: true, cell: appLinks },
      { title: 'Uploaded', sort: 'uploads', down: true, n: true, cell: (row) => bytes(row.counts.upload_bytes) },
      { title: 'Traffic', sort: 'bytes', down: true, first: true, n: true, cell: (row) => bytes(row.counts.bytes_to_server + row.counts.bytes_to_client) },
      { title: 'Last seen', sort: 'last_seen', down: true, cell: (row) => date(row.last_seen) },
    ],
  });
  await list.ready;
  return { title: 'Clients', node: h('div', {}, head('Clients', 'Every address that was seen with an AI app, as the network shows it: an address is a device, not a person. Of its apps (+2) is two more that it only looked up or contacted.'), list), refresh: list.refresh, find: list.find };
}

// Pseudonyms are addresses of these networks.
const pseudonym = /^(fd67:6e6f:|2001:db8:676e:)/;
function revealForm(address) {
  const told = h('div', { class: 'told', 'aria-live': 'polite' });
  const reason = h('input', { type: 'text', required: true, maxlength: 500, autocomplete: 'off' });
  return h('details', { class: 'card' }, h('summary', {}, 'Whom this pseudonym stands for'), h('form', { class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    try {
      const data = await send('POST', 'reveal', { pseudonym: address, reason: reason.value.trim() });
      replace(told, h('p', { class: 'message' }, h('span', { class: 'mono' }, data.original)));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(told, trouble(problem));
    }
  } }, field('Reason', reason, 'Kept in the audit, with your name'), h('button', { type: 'submit' }, 'Reveal'), told));
}

export async function client({ words }) {
  const data = await get(`clients/${word(words[0])}`);
  const about = data.client;
  const node = h('div', {},
    h('header', { class: 'head' }, h('p', { class: 'crumbs' }, h('a', { href: '/clients' }, 'Clients')), h('h1', { class: 'mono-head' }, about.client),
      h('p', { class: 'about' }, [about.name && `calls itself ${about.name} (${about.name_source})`, about.mac && `MAC ${about.mac}`, about.first_seen && `first seen ${day(about.first_seen)}`, about.last_seen && `last ${day(about.last_seen)}`].filter(Boolean).join(' · '))),
    figures(figure(number(about.apps_used), about.apps > about.apps_used ? `apps used, and ${number(about.apps - about.apps_used)} only looked up or contacted` : 'apps used'), figure(number(about.counts.sessions), 'sessions'), figure(bytes(about.counts.bytes_to_server), 'sent'), figure(bytes(about.counts.bytes_to_client), 'received'), figure(number(about.counts.upload_events), 'uploads')),
    may('admin') && pseudonym.test(about.client) ? revealForm(about.client) : null,
    section('Apps', data.apps.length ? 'Riskiest first; decision and risk are the app’s, evidence is this client’s.' : null, !data.apps.length ? none('This client was seen with no AI app of a vendor; what else tells of it is below.') : h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Apps' }, h('table', { class: 'cards' },
      h('thead', {}, h('tr', {}, ['App', 'Risk', 'Decision', 'Evidence', 'How', 'Sent', 'Last seen'].map((text) => h('th', { scope: 'col', class: text === 'Sent' ? 'n' : '' }, text)))),
      h('tbody', {}, data.apps.map((app) => h('tr', {}, h('th', { scope: 'row', 'data-label': 'App' }, h('a', { href: `/apps/${word(app.id)}` }, app.name), h('span', { class: 'sub' }, spoken(app.category))),
        h('td', { 'data-label': 'Risk' }, risk(app.risk)), h('td', { 'data-label': 'Decision' }, status(app.status)), h('td', { 'data-label': 'Evidence' }, grade(app.here?.grade ?? 'none')), h('td', { 'data-label': 'How' }, chips(app.here?.usages ?? [])),
        h('td', { class: 'n', 'data-label': 'Sent' }, bytes(app.here?.counts.bytes_to_server)), h('td', { 'data-label': 'Last seen' }, date(app.here?.last_seen)))))))),
    data.lists.map((list) => section(list.title, list.about, listTable(list, ['client']))));
  return { title: about.client, node };
}

export async function assets() {
  const list = listPage({
    path: '/assets', api: 'assets', search: 'Address, product or model', none: 'No self-hosted AI server was seen.', views: false,
    columns: [
      { title: 'Server', main: true, cell: (row) => [h('a', { class: 'mono', href: `/assets/${word(row.server)}` }, row.server), row.hosts.length ? h('span', { class: 'sub' }, row.hosts.join(', ')) : null] },
      { title: 'Product', cell: (row) => [row.product_names.filter(Boolean).join(', ') || soft('unknown'), row.versions.length ? h('span', { class: 'sub' }, row.versions.join(', ')) : null] },
      { title: 'Risk', cell: (row) => risk(row.risk) },
      { title: 'Exposed', wide: true, cell: (row) => chips(row.exposures) },
      { title: 'Credentials', cell: (row) => row.authenticated },
      { title: 'TLS', cell: (row) => row.tls },
      { title: 'Models', wide: true, cell: (row) => (row.models.length ? row.models.slice(0, 4).join(', ') + (row.models.length > 4 ? ` and ${row.models.length - 4} more` : '') : soft('–')) },
      { title: 'Clients', n: true, cell: (row) => number(row.clients) },
      { title: 'Calls', n: true, cell: (row) => number(row.calls) },
      { title: 'Last seen', cell: (row) => date(row.last_seen) },
    ],
  });
  const drawn = h('div', {});
  const draw = async () => {
    const data = await get('graph');
    replace(drawn, graph(data), data.servers_total > data.servers_shown ? h('p', { class: 'after' }, `The ${number(data.servers_shown)} riskiest of ${number(data.servers_total)} servers are drawn.`) : null);
  };
  await Promise.all([list.ready, draw()]);
  return { title: 'Self-hosted AI', node: h('div', {}, head('Self-hosted AI', ['AI servers of one’s own that were seen answering or being asked, and what they expose. ', h('a', { href: '#talks', onclick: (event) => { event.preventDefault(); const graphBox = document.querySelector('#talks + * .graph-box'); (graphBox ?? event.target).focus(); graphBox?.scrollIntoView(); } }, 'Who talks to what'), ' is drawn below the list.']), list,
    section('Who talks to what', 'Thicker lines: more was seen. Point at a box, or go to it with the keyboard, to see its own. The edge of a server tells its risk: purple critical, orange high, yellow medium.', h('div', { id: 'talks' }), drawn)), refresh: () => Promise.all([list.refresh(), draw()]), find: list.find };
}

export async function asset({ words }) {
  const data = await get(`assets/${word(words[0])}`);
  const about = data.asset;
  return { title: about.server, node: h('div', {},
    h('header', { class: 'head' }, h('p', { class: 'crumbs' }, h('a', { href: '/assets' }, 'Self-hosted AI')), h('h1', { class: 'mono-head' }, about.server),
      h('p', { class: 'about' }, [about.product_names.join(', '), about.versions.join(', '), about.hosts.join(', ')].filter(Boolean).join(' · ')), h('p', { class: 'badges' }, risk(about.risk), ' ', chips(about.exposures))),
    figures(figure(number(about.clients), 'clients'), figure(number(about.calls), 'model calls read'), figure(number(about.tokens), 'tokens'), figure(about.authenticated, 'asks for credentials'), figure(about.tls, 'TLS')),
    section('Risk', 'What is exposed, by the rubric’s weights.', riskBlock(about.risk, data.risk_rows ?? [])),
    section('Models', null, about.models.length ? h('ul', { class: 'columns' }, about.models.map((each) => h('li', { class: 'mono' }, each))) : none('No model was named.')),
    data.lists.map((list) => section(list.title, list.about, listTable(list))),
    h('p', { class: 'after' }, 'Proof: ', place(data.proof))) };
}

function candidateCard(row, done) {
  const message = h('div', { 'aria-live': 'polite' });
  const decide = async (newStatus, more) => {
    try {
      const { stays } = await send('POST', 'candidates/decision', { host: row.host, version: row.version, status: newStatus, ...more });
      document.dispatchEvent(new CustomEvent('gnomon-changed'));
      if (stays) return replace(message, h('p', { class: 'message' }, `Taken back. ${stays}`, ' ', h('button', { type: 'button', class: 'quiet', onclick: done }, 'Go on')));
      done();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(message, trouble(problem, problem.status === 409 ? done : null));
    }
  };
  const proposed = row.host.replace(/^(www|api|app|chat)\./, '').replace(/\.[a-z]+$/, '').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64);
  const appId = h('input', { type: 'text', value: row.app || proposed, pattern: '[a-z0-9][a-z0-9\\-]{0,63}', required: true, autocomplete: 'off' });
  const reason = h('input', { type: 'text', maxlength: 500, autocomplete: 'off' });
  const form = h('form', { class: 'decide', hidden: true });
  const open = (what) => {
    form.hidden = false;
    replace(form, what === 'accepted' ? field('Id of the new app', appId, 'Small letters, digits and -; the sensor knows it from its next start or reload on') : null,
      field('Reason', reason), h('div', { class: 'row' }, h('button', { type: 'submit', class: 'primary' }, what === 'accepted' ? 'Accept' : 'Dismiss'),
        h('button', { type: 'button', class: 'quiet', onclick: () => { form.hidden = true; } }, 'Back')));
    form.onsubmit = (event) => { event.preventDefault(); decide(what, { reason: reason.value.trim(), ...(what === 'accepted' ? { app: appId.value.trim() } : {}) }); };
    (what === 'accepted' ? appId : reason).focus();
  };
  const undecided = row.status === 'new';
  return h('article', { class: 'card candidate' },
    h('div', { class: 'candidate-head' }, h('h2', { class: 'mono' }, row.host), h('span', { class: `badge ${row.score >= 80 ? 'r3' : row.score >= 60 ? 'r2' : 'r1'}` }, h('b', {}, row.score), ' of 100'), status(row.status)),
    row.new_evidence ? h('p', { class: 'message' }, `Back after it was dismissed: ${row.new_evidence}`) : null,
    h('ul', {}, row.reasons.map((each) => h('li', {}, each))),
    h('p', { class: 'sub' }, `${counted(row.clients, 'client')}, ${counted(row.observations, 'observation')}, last seen ${day(row.last_seen)} · `, place(row)),
    row.decided_by ? h('p', { class: 'sub' }, `${title(row.status)} by ${row.decided_by}${row.app ? ` as ${row.app}` : ''}${row.reason ? `: ${row.reason}` : ''}`) : row.known_as ? h('p', { class: 'sub' }, `${title(row.known_as)}; nothing is to be decided.`) : null,
    may('reviewer') && row.status !== 'known' ? h('div', { class: 'row' },
      undecided ? [h('button', { type: 'button', onclick: () => open('accepted') }, 'Accept as an app'), h('button', { type: 'button', class: 'quiet', onclick: () => open('dismissed') }, 'Dismiss')]
        : h('button', { type: 'button', class: 'quiet', onclick: () => decide('new', { reason: '' }) }, 'Undo')) : null,
    form, message);
}

export async function candidates() {
  const list = listPage({
    path: '/candidates', api: 'candidates', search: 'Host', none: 'No unknown host behaves like AI.', views: false,
    filters: [{ key: 'status', title: 'Status', words: [['new', 'to be decided'], ['accepted', 'accepted'], ['dismissed', 'dismissed'], ['known', 'known by now']] }],
    columns: [{ title: 'Candidate', cell: (row) => candidateCard(row, () => list.refresh()) }],
  });
  list.classList.add('as-cards');
  await list.ready;
  const dirty = () => [...list.querySelectorAll('form.decide')].some((form) => !form.hidden);
  return { title: 'Candidates', node: h('div', {}, head('Candidates', 'Hosts in no list that behave like AI. Accepting writes one into the local signatures, to be known from the next replay or reload of the sensor on; dismissing puts it away until its evidence changes.'), list), refresh: list.refresh, find: list.find, dirty };
}

// findings, alerts, files, models … : what their columns are, the answer tells.
const columnsOf = (data) => data.columns.map((column, at) => ({ ...column, at })).filter((column) => column.shown && column.key !== 'first_seen').map((column) => ({
  title: column.title, n: isNumber(column), sort: column.key, down: isNumber(column) || column.kind === 'time' || column.key === 'severity',
  wide: classOf(column) === 'wide', cell: (row) => (column.key === 'app' ? appName(row[column.at]) : cell(column, row[column.at])),
}));
const appName = (id) => (/^[a-z0-9-]+$/.test(id) ? h('a', { href: `/apps/${word(id)}` }, id) : mono(id || '–'));

const described = {
  '/findings': ['findings', 'Findings', 'What detectors found in content that could be read: sensitive data, attacks on models, misuse. The text itself is not kept: only a masked sample.', 'Detector, app, client, file', ['severity', 'category', 'direction', 'confidence']],
  '/files': ['files', 'Files', 'Files and body parts that were sent or received in clear, by name and type; their content is not kept.', 'Name, type, app', ['direction']],
  '/models': ['models', 'Models', 'Requests to models that could be read.', 'Model, app, client', []],
  '/supply-chain': ['artifacts', 'Supply chain', 'Models, data sets, packages and tool servers that were fetched. Unsafe formats can run their author’s code when opened.', 'Repository, file, host', ['kind']],
};
export async function describedList({ path }) {
  const [api, said, about, search, keys] = described[path];
  const list = listPage({ path, api, search, columnsOf, filters: keys.map((key) => ({ key, title: title(key), otherwise: key === 'confidence' ? 'high' : undefined, say: (value) => (value === 'to_server' ? 'Sent' : value === 'to_client' ? 'Received' : title(value)) })) });
  await list.ready;
  return { title: said, node: h('div', {}, head(said, about), list), refresh: list.refresh, find: list.find };
}

export async function unknown() {
  const list = listPage({ path: '/unknown', api: 'unknown-hosts', search: 'Host', none: 'Every host that was seen is known.', views: false, columns: [
    { title: 'Host', main: true, cell: (row) => h('span', { class: 'mono' }, row.host) },
    { title: 'Clients', n: true, cell: (row) => number(row.clients) + (row.more_clients ? '+' : '') },
    { title: 'Sessions', n: true, cell: (row) => number(row.sessions) }, { title: 'Traffic', n: true, cell: (row) => bytes(row.bytes) },
    { title: 'First seen', cell: (row) => date(row.first_seen) }, { title: 'Last seen', cell: (row) => date(row.last_seen) }] });
  await list.ready;
  return { title: 'Unknown hosts', node: h('div', {}, head('Unknown hosts', 'Hosts that no app is known for, most traffic first. Kept so that a later catalogue can tell who used an app before it was known.'), list), refresh: list.refresh, find: list.find };
}
