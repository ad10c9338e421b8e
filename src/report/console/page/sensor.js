// Alerts, coverage and health, policies, audit.
import { h, replace } from './dom.js';
import { get, send, may, word, Problem } from './api.js';
import { number, bytes, time, section, title, spoken, severity, soft, trouble, day, counted, none, field, place, listTable } from './parts.js';
import { listPage } from './list.js';

const head = (said, about) => h('header', { class: 'head' }, h('h1', {}, said), h('p', { class: 'about' }, about));

function alertCard(row, done) {
  const message = h('div', { 'aria-live': 'polite' });
  const evidence = h('div', { class: 'told' });
  const note = h('input', { type: 'text', maxlength: 500, autocomplete: 'off' });
  const form = h('form', { class: 'decide', hidden: true, onsubmit: async (event) => {
    event.preventDefault();
    try {
      await send('PUT', `alerts/${word(row.id)}/acknowledgement`, { note: note.value.trim() });
      document.dispatchEvent(new CustomEvent('gnomon-changed'));
      done();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(message, trouble(problem, problem.status === 409 ? done : null));
    }
  } }, field('Note', note, 'What was found, or why it is no concern'), h('div', { class: 'row' }, h('button', { type: 'submit', class: 'primary' }, 'Acknowledge'),
    h('button', { type: 'button', class: 'quiet', onclick: () => { form.hidden = true; } }, 'Back')));
  const trace = h('button', { type: 'button', class: 'quiet', onclick: async () => {
    const data = await get(`alerts/${word(row.id)}`);
    const numbers = Object.entries(data.numbers);
    replace(evidence, numbers.length ? h('dl', { class: 'facts' }, numbers.map(([key, value]) => h('div', {}, h('dt', {}, title(key)), h('dd', {}, value)))) : null,
      data.evidence.length ? h('ul', {}, data.evidence.map((each) => h('li', {}, spoken(each.source), ': ', h('span', { class: 'mono' }, each.record), h('span', { class: 'sub' }, place(each))))) : null,
      row.evidence_count > data.evidence.length ? h('p', { class: 'after' }, `The first ${number(data.evidence.length)} of ${number(row.evidence_count)} observations.`) : null,
      !numbers.length && !data.evidence.length ? none('Nothing more is kept of it.') : null);
  } }, 'What is behind it');
  return h('div', { class: 'alert' },
    h('div', { class: 'alert-head' }, severity(row.severity), h('b', {}, row.title), h('span', { class: 'soft when' }, time(row.time))),
    h('p', {}, row.explanation),
    h('p', { class: 'sub' }, [row.policy ? 'rule ' : '', title(row.kind), row.category ? ` · ${row.category}` : ''].join(''),
      row.app ? [' · ', h('a', { href: `/apps/${word(row.app)}` }, row.app)] : null,
      row.client ? [' · ', h('a', { class: 'mono', href: `/clients/${word(row.client)}` }, row.client)] : null,
      row.server ? [' · ', h('span', { class: 'mono' }, row.server)] : null, row.host ? [' · ', h('span', { class: 'mono' }, row.host)] : null,
      row.tags.length ? [' · ', row.tags.map((tag) => h('span', { class: 'chip' }, tag))] : null),
    row.state === 'acknowledged' ? h('p', { class: 'sub' }, `Acknowledged by ${row.acknowledged_by}`, row.acknowledged_at ? ` on ${day(row.acknowledged_at)}` : '', row.note ? `: ${row.note}` : '') : null,
    h('div', { class: 'row' }, may('reviewer') && row.state === 'open' ? h('button', { type: 'button', onclick: () => { form.hidden = false; note.focus(); } }, 'Acknowledge …') : null, trace),
    form, message, evidence);
}

export async function alerts() {
  const list = listPage({
    path: '/alerts', api: 'alerts', search: 'App, client, text',
    none: 'No alert. What is new or more than usual is told once there are enough days to compare with.',
    filters: [{ key: 'state', title: 'State', words: [['open', 'open'], ['acknowledged', 'acknowledged']] }, { key: 'severity', title: 'Severity', say: title }, { key: 'kind', title: 'Kind', say: title },
      { key: 'sort', title: 'Order', all: 'Latest first', words: [['severity', 'Worst first']] }],
    columns: [{ title: 'Alert', cell: (row) => alertCard(row, () => list.refresh()) }],
  });
  list.classList.add('as-rows');
  await list.ready;
  const dirty = () => list.querySelector('form.decide:not([hidden]), .told:not(:empty)') !== null;
  return { title: 'Alerts', node: h('div', {}, head('Alerts', 'What departed from its own past, and what policy asks to be told, with the numbers that decided it.'), list), refresh: list.refresh, find: list.find, dirty };
}

export async function policies() {
  const data = await get('policies');
  const rule = (row) => {
    const tested = h('div', { class: 'told', 'aria-live': 'polite' });
    return h('tr', { class: row.enabled ? '' : 'off' },
      h('th', { scope: 'row', 'data-label': 'Rule' }, row.title, h('span', { class: 'sub' }, row.description), h('span', { class: 'sub mono' }, row.id), h('span', { class: 'sub mono' }, `${row.file}:${row.line}`), tested),
      h('td', { 'data-label': 'Looks at' }, title(row.subject)), h('td', { 'data-label': 'Severity' }, severity(row.severity)),
      h('td', { class: 'wide', 'data-label': 'Then' }, [row.alert ? 'alert' : '', row.require_review ? 'require review' : '', row.tags.length ? `tag ${row.tags.join(', ')}` : ''].filter(Boolean).join('; ')),
      h('td', { class: 'n', 'data-label': 'Alerts' }, row.alerts ? h('a', { href: `/alerts?kind=${word(row.id)}` }, number(row.alerts)) : '0'),
      h('td', { 'data-label': 'State' }, row.enabled ? 'on' : 'off'),
      h('td', {}, may('reviewer') ? h('button', { type: 'button', class: 'quiet', onclick: async (event) => {
        event.target.disabled = true;
        try {
          const said = await get(`policies/${word(row.id)}/test`);
          replace(tested, h('p', { class: 'message' }, said.total ? `Over all that is stored it would have raised ${counted(said.total, 'alert')}; the latest:` : 'Over all that is stored it would have raised nothing.',
            h('ul', {}, said.rows.slice(0, 5).map((each) => h('li', {}, day(each.time), ' ', each.title)))));
        } catch (problem) {
          if (!(problem instanceof Problem)) throw problem;
          replace(tested, trouble(problem));
        }
        event.target.disabled = false;
      } }, 'Test') : null));
  };
  return { title: 'Policies', node: h('div', {}, head('Policies', 'The rules that were in force at the last run. They are files: policies/*.yaml in the signatures folder, checked with gnomon policy check.'),
    data.rows.length ? h('div', { class: 'listing' }, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Rules' }, h('table', { class: 'cards' },
      h('thead', {}, h('tr', {}, ['Rule', 'Looks at', 'Severity', 'Then', 'Alerts', 'State', ''].map((text, at) => h('th', { scope: 'col', class: at === 4 ? 'n' : '' }, text || h('span', { class: 'sr' }, 'Actions'))))),
      h('tbody', {}, data.rows.map(rule))))) : none('No rule was in force when this inventory was last recorded into.')) };
}

const counterWords = { frames: 'frames read', flows: 'flows', flows_with_payload: 'flows with payload', one_sided: 'flows seen from one side only', midstream: 'flows of which the beginning was not seen', truncated: 'flows cut by the snap length', with_gaps: 'flows with gaps', gap_bytes: 'bytes missing', duplicates: 'duplicate frames (mirror)', evicted: 'flows ended early by a limit', given_up: 'flows read in part, as too many others were being read', damaged_inputs: 'damaged inputs', ech_real: 'flows with real Encrypted Client Hello', unnamed: 'flows without a name', named_tls_sni: 'named by TLS (SNI)', named_quic_sni: 'named by QUIC (SNI)', named_http_host: 'named by HTTP (host)', named_certificate: 'named by a server’s certificate', named_http_connect: 'named by a proxy request', named_tls_sni_partial: 'named by a part of a TLS hello', named_dns_answer: 'named by the client’s DNS answers', ech_grease: 'flows with an empty ECH extension (GREASE)', ech_undecided: 'flows with ECH of unknown kind' };

// Each fault whole: what was seen, what it means, what mends it.
function healthFaults(list) {
  const at = Object.fromEntries(list.columns.map((column, index) => [column.key, index]));
  return h('ul', { class: 'faults' }, list.rows.map((row) => {
    const of = (key) => row[at[key]];
    return h('li', {}, h('div', { class: 'alert-head' }, severity(of('severity')), h('b', {}, title(of('check'))),
      h('span', { class: 'soft when' }, `${day(of('first_seen'))} to ${day(of('last_seen'))}, ${counted(of('runs'), 'run')}, ${counted(of('intervals'), 'interval')}`)),
    h('p', {}, of('evidence'), ' ', soft(of('meaning'))),
    h('p', {}, of('remedy'), of('command') ? [' ', h('code', {}, of('command'))] : null));
  }));
}

export async function coverage() {
  const [data, runs, health, privacy] = await Promise.all([get('coverage'), get('runs?size=50'), get('health'), get('privacy')]);
  const counters = Object.entries(data.coverage).filter(([, value]) => typeof value === 'number');
  return { title: 'Coverage', node: h('div', {}, head('Coverage and sensor health', 'What the sensor could see and what not: “absent” means “looked and not there” only as far as this says.'),
    section('Coverage statement', null, h('ul', { class: 'statement' }, data.statement.map((line) => h('li', {}, line)))),
    section('Sensor health', health.about, health.rows.length ? healthFaults(health) : none(health.none)),
    section('Privacy and retention', null, h('ul', { class: 'statement' },
      h('li', {}, privacy.pseudonyms ? `Clients are kept under pseudonyms; ${number(privacy.revealable)} of them can be revealed by an admin who has the key.` : 'Clients are kept in clear: addresses, MAC addresses and the names they give themselves.'),
      privacy.oldest ? h('li', {}, `What is kept goes back to ${day(privacy.oldest)}.`) : null,
      privacy.removed.map((each) => h('li', {}, `Of ${spoken(each.subject)} nothing from before ${day(each.before)} is left: it was removed for its age or the inventory’s size.`)),
      h('li', {}, 'No prompt and no file is kept; of sensitive items a masked sample and a keyed hash.'))),
    section('Counters', null, h('dl', { class: 'facts' }, counters.map(([key, value]) => h('div', {}, h('dt', {}, counterWords[key] ?? title(key)), h('dd', {}, number(value)))))),
    section('Capture runs', null, runs.total ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Capture runs' }, h('table', { class: 'cards' },
      h('thead', {}, h('tr', {}, ['Run', 'Packets from', 'to (UTC)', 'Input', 'Frames', 'Flows', 'One-sided', 'With gaps', 'Damage'].map((text, at) => h('th', { scope: 'col', class: at > 3 && at < 8 ? 'n' : '' }, text)))),
      h('tbody', {}, runs.rows.map((run) => h('tr', {}, h('th', { scope: 'row', 'data-label': 'Run' }, run.id), h('td', { 'data-label': 'Packets from' }, time(run.first_packet)), h('td', { 'data-label': 'to' }, time(run.last_packet)),
        h('td', { class: 'wide', 'data-label': 'Input' }, run.inputs.slice(0, 3).map((input) => h('span', { class: 'sub mono' }, `${input.path.split('/').pop()} (${bytes(input.bytes)})`)), run.inputs_total > 3 ? soft(` and ${run.inputs_total - 3} more`) : null, run.filter ? h('span', { class: 'sub' }, `filter: ${run.filter}`) : null),
        h('td', { class: 'n', 'data-label': 'Frames' }, number(run.frames)), h('td', { class: 'n', 'data-label': 'Flows' }, number(run.flows)), h('td', { class: 'n', 'data-label': 'One-sided' }, number(run.one_sided)), h('td', { class: 'n', 'data-label': 'With gaps' }, number(run.with_gaps)),
        h('td', { 'data-label': 'Damage' }, run.inputs.map((input) => input.damage).filter(Boolean).join('; ') || soft('none'))))))) : none('Nothing has been recorded yet.'))) };
}

export async function audit() {
  const list = listPage({ path: '/audit', api: 'audit', search: 'Subject, who, text', none: 'Nothing has been decided yet.', views: false, columns: [
    { title: 'When (UTC)', cell: (row) => time(row.at) }, { title: 'Who', main: true, cell: (row) => row.actor }, { title: 'What', cell: (row) => title(row.action) },
    { title: 'About', cell: (row) => (row.action === 'review' ? h('a', { href: `/apps/${word(row.subject)}` }, row.subject) : row.subject) },
    { title: 'Field', cell: (row) => title(row.field) }, { title: 'Before', wide: true, cell: (row) => row.before || soft('–') }, { title: 'After', wide: true, cell: (row) => row.after || soft('–') }] });
  await list.ready;
  return { title: 'Audit', node: h('div', {}, head('Audit', 'Who changed what, and when. Nothing here can be changed or removed.'), list), refresh: list.refresh, find: list.find };
}
