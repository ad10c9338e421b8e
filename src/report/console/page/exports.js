// Files to take away: reports, tables, and block lists with what they would hit.
import { h, replace } from './dom.js';
import { get, send, may, word, query, Problem } from './api.js';
import { number, section, field, spoken, soft, none, trouble, counted, chips } from './parts.js';

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/\.?$/, '.');
const card = (row, href) => h('li', { class: 'card' }, h('h3', {}, row.title), h('p', {}, sentence(row.about)),
  h('a', { class: 'button', href, download: true, 'data-plain': true }, 'Download ', h('span', { class: 'mono' }, row.name)));

function files(rows) {
  const without = h('input', { type: 'checkbox' });
  const list = h('ul', { class: 'downloads' });
  const draw = () => replace(list, rows.map((row) => card(row, `/api/v1/exports/${word(row.name)}${row.names_clients && without.checked ? '?clients=no' : ''}`)));
  without.addEventListener('change', draw);
  draw();
  return [h('p', {}, h('label', { class: 'check' }, without, ' Name no clients in reports and the inventory, as for people outside the house')), list];
}

const options = (words) => words.map(([value, said]) => h('option', { value }, said));
const covers = (entry) => (entry.itself && entry.below ? 'it and all below' : entry.below ? 'all below it' : 'it alone');
const hits = (entry) => {
  const { apps, hosts, clients } = entry.also_hits;
  if (!apps.length && !hosts.length) return soft('nothing else that was seen');
  return [h('b', {}, [apps.length ? counted(apps.length, 'other app') : '', hosts.length ? counted(hosts.length, 'other host') : ''].filter(Boolean).join(', ')),
    clients ? ` of ${counted(clients, 'client')}` : '', h('span', { class: 'sub mono' }, [...apps, ...hosts].slice(0, 6).join(', '))];
};

function table(label, heads, rows) {
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, h('table', { class: 'cards' },
    h('thead', {}, h('tr', {}, heads.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((cell, at) => h(at ? 'td' : 'th', { scope: at ? undefined : 'row', 'data-label': heads[at] }, cell)))))));
}

const rowsShown = 200;
function preview(data, format) {
  if (!data.apps.length) return none(`No app is among ${data.selection}: there is nothing to block.`);
  const addresses = format.addresses;
  const entries = addresses ? data.addresses : data.entries;
  const refused = data.refused.filter((each) => /^[0-9a-f.:]+$/.test(each.what) === addresses || !/^[0-9a-f.:]+$/.test(each.what));
  return h('div', {},
    h('p', { class: 'message' }, `${counted(entries.length, addresses ? 'address' : 'name', addresses ? 'addresses' : 'names')} of ${counted(data.apps.length, 'app')}, ${data.selection}`, data.clients ? `, for ${data.clients}` : '', '.'),
    entries.length ? table('Entries', [addresses ? 'Address' : 'Name', 'Covers', 'Apps', 'Seen here', 'Would also hit'], entries.slice(0, rowsShown).map((entry) => [
      h('span', { class: 'mono' }, entry.name ?? entry.address), addresses ? 'it alone' : covers(entry), chips(entry.apps),
      entry.seen.clients ? `${counted(entry.seen.clients, 'client')}, ${counted(entry.seen.sessions, 'session')}` : soft('not used'), hits(entry)])) : null,
    entries.length > rowsShown ? h('p', { class: 'after' }, `The first ${number(rowsShown)} of ${number(entries.length)}; the file has all.`) : null,
    refused.length ? h('details', { class: 'part', open: refused.length <= 12 }, h('summary', {}, h('b', {}, `${number(refused.length)} left out`), soft(' because blocking them would hit others')),
      table('Left out', ['What', 'App', 'Why'], refused.slice(0, rowsShown).map((each) => [h('span', { class: 'mono' }, each.what), each.app ?? soft('–'), each.why]))) : null);
}

async function blocks() {
  const [formats, groups] = await Promise.all([get('block-lists'), get('groups')]);
  const format = h('select', {}, options(formats.rows.map((each) => [each.name, `${each.name}: ${each.about}`])));
  const status = h('select', {}, options([['unsanctioned', 'unsanctioned'], ['unsanctioned,tolerated', 'unsanctioned or tolerated'], ['unsanctioned,unreviewed', 'unsanctioned or unreviewed'], ['any', 'any, whatever was decided']]));
  const risk = h('select', {}, options([['', 'any'], ['medium', 'medium or higher'], ['high', 'high or higher'], ['critical', 'critical']]));
  const group = h('select', {}, options([['', 'everybody'], ...groups.rows.map((each) => [each.id, each.id])]));
  const shared = h('input', { type: 'checkbox' });
  const unnamed = h('input', { type: 'checkbox' });
  const shown = h('div', { 'aria-live': 'polite' });
  const link = h('a', { class: 'button primary', download: true, 'data-plain': true });
  const asked = () => query({ status: status.value, risk: risk.value, group: group.value, shared: shared.checked ? 'yes' : '', clients: unnamed.checked ? 'no' : '' });
  let latest = 0;
  const draw = async () => {
    const mine = ++latest;
    const chosen = formats.rows.find((each) => each.name === format.value);
    link.setAttribute('href', `/api/v1/block-lists/${word(chosen.name)}${asked()}`);
    replace(link, 'Download ', h('span', { class: 'mono' }, `gnomon-${chosen.name}.txt`));
    shown.setAttribute('aria-busy', 'true');
    try {
      const data = await get(`block-preview${asked()}`);
      if (mine === latest) replace(shown, preview(data, chosen));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (mine === latest) replace(shown, trouble(problem, draw));
    }
    if (mine === latest) shown.removeAttribute('aria-busy');
  };
  for (const each of [format, status, risk, group, shared, unnamed]) each.addEventListener('change', draw);
  await draw();
  return { refresh: draw, node: [h('div', { class: 'fields' }, field('For', format), field('Apps that are', status), field('Risk', risk), field('For the clients of', group)),
    h('p', {}, h('label', { class: 'check' }, shared, ' Also list what others use too'), ' ', h('label', { class: 'check' }, unnamed, ' Name no clients')),
    h('p', {}, link), shown] };
}

function table_of_decisions() {
  const file = h('input', { type: 'file', accept: '.csv,text/csv' });
  const told = h('div', { 'aria-live': 'polite' });
  const form = h('form', { class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    if (!file.files.length) return;
    try {
      const said = await send('POST', 'decisions/import', { csv: (await file.files[0].text()).replaceAll('\r\n', '\n') });
      replace(told, h('p', { class: 'good' }, `${counted(said.changed, 'decision')} changed, ${number(said.unchanged)} as before.`));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(told, trouble(problem), problem.data?.problems?.length ? h('ul', {}, problem.data.problems.map((each) =>
        h('li', {}, each.line ? `Line ${each.line}${each.column ? `, column ${each.column}` : ''}: ` : '', each.message))) : null);
    }
  } }, field('A table of decisions', file, 'Columns as in the export; one bad row and nothing is changed'), h('button', { type: 'submit' }, 'Import'), told);
  return [h('p', {}, h('a', { class: 'button', href: '/api/v1/decisions.csv', download: true, 'data-plain': true }, 'Download ', h('span', { class: 'mono' }, 'decisions.csv'))),
    may('reviewer') ? form : null];
}

export async function exports() {
  const data = await get('exports');
  const lists = await blocks();
  const reports = data.rows.filter((row) => !row.name.endsWith('.csv'));
  return { title: 'Exports', node: h('div', {}, h('header', { class: 'head' }, h('h1', {}, 'Exports'), h('p', { class: 'about' }, 'Files to take away. Each is made from the inventory as it is now.')),
    section('Reports and inventories', null, files(reports)),
    section('Block lists', 'For the devices that enforce. Every entry tells what of this network’s own traffic it would hit; what others use too is left out unless it is asked for.', lists.node),
    section('Decisions', 'All of them as a table: to be filled in elsewhere and brought back.', table_of_decisions()),
    section('Tables', null, files(data.rows.filter((row) => row.name.endsWith('.csv'))).slice(1))),
  refresh: lists.refresh };
}
