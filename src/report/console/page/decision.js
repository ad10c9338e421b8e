// What was decided about an app, and deciding anew.
import { h, replace, newId } from './dom.js';
import { get, send, word, may, Problem } from './api.js';
import { status, field, soft, spoken, time } from './parts.js';

const choices = ['unreviewed', 'under-review', 'sanctioned', 'tolerated', 'unsanctioned'];
const meaning = { unreviewed: 'nobody has looked', 'under-review': 'somebody is looking', sanctioned: 'approved', tolerated: 'allowed, within limits', unsanctioned: 'not allowed' };
const fields = [
  ['owner', 'Owner', 'Who answers for it'], ['purpose', 'Purpose', 'What it is used for'],
  ['department', 'Department', ''], ['data_class', 'Data class allowed', 'The most sensitive data it may see'],
];

const scopeOf = (decision) => `${decision.usage ?? ''}|${decision.client_group ?? ''}`;
const scopeWords = (decision) => [decision.usage && `usage ${spoken(decision.usage)}`, decision.client_group && `group ${decision.client_group}`].filter(Boolean).join(', ') || 'the whole app';
const undecided = (scope) => ({ ...scope, status: 'unreviewed', owner: '', purpose: '', department: '', data_class: '', review_date: '', reason: '', links: [], version: '0' });

// Only what goes to a page becomes a link.
const attachment = (address) => (/^https?:\/\/\S+$/i.test(address) ? h('li', {}, h('a', { href: address, rel: 'noopener noreferrer', target: '_blank' }, address)) : h('li', {}, address));

const frameworkWords = { 'nist-ai-rmf': 'NIST AI RMF, GOVERN 1.6', 'iso-42001': 'ISO/IEC 42001, A.4', 'eu-ai-act': 'EU AI Act' };
// What registers of frameworks ask for; people fill in what nothing tells.
export async function registerBlock(id) {
  const data = await get(`apps/${word(id)}/register`);
  const message = h('div', { 'aria-live': 'polite' });
  const value = (each) => {
    if (!each.can_be_given || !may('reviewer')) return each.value === 'unknown' ? soft('unknown') : each.value;
    const given = each.source === 'given' ? each.value : '';
    const input = each.choices.length
      ? h('select', {}, h('option', { value: '' }, 'unknown'), each.choices.map((choice) => h('option', { value: choice }, choice)))
      : h('input', { type: 'text', maxlength: 500, autocomplete: 'off' });
    input.value = given;
    input.setAttribute('aria-label', each.title);
    input.addEventListener('change', async () => {
      try {
        await send('PUT', `apps/${word(id)}/register`, { key: each.key, value: input.value.trim() });
        document.dispatchEvent(new CustomEvent('gnomon-changed', { detail: input }));
        replace(message, h('p', { class: 'good' }, `Kept: ${each.title}.`));
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        replace(message, h('p', { class: 'message bad', role: 'alert' }, problem.message));
      }
    });
    return [input, !given && each.value !== 'unknown' ? h('span', { class: 'hint' }, `Until something is given: ${each.value}`) : null];
  };
  const frameworks = [...new Set(data.fields.map((each) => each.framework))];
  return h('div', {}, message, frameworks.map((framework) => h('details', { class: 'part' },
    h('summary', {}, h('b', {}, frameworkWords[framework] ?? framework), soft(` ${data.fields.filter((each) => each.framework === framework && each.value === 'unknown').length} unknown`)),
    h('dl', { class: 'facts' }, data.fields.filter((each) => each.framework === framework).map((each) =>
      h('div', {}, h('dt', {}, each.title), h('dd', {}, value(each))))))));
}

// A score of one's own, for a time.
export async function overrideBlock(id) {
  const node = h('details', { class: 'part' });
  const draw = async () => {
    const data = await get(`apps/${word(id)}/register`);
    const score = h('input', { type: 'number', min: 0, max: 100, required: true });
    const from = h('input', { type: 'date', required: true });
    const until = h('input', { type: 'date' });
    const reason = h('input', { type: 'text', required: true, maxlength: 500, autocomplete: 'off' });
    const message = h('div', { 'aria-live': 'polite' });
    const act = async (call) => {
      try {
        await call();
        document.dispatchEvent(new CustomEvent('gnomon-changed'));
        await draw();
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        replace(message, h('p', { class: 'message bad', role: 'alert' }, problem.message));
      }
    };
    const form = h('form', { class: 'stack', onsubmit: (event) => {
      event.preventDefault();
      act(() => send('POST', `apps/${word(id)}/override`, { score: score.value, from: from.value, until: until.value, reason: reason.value.trim() }));
    } }, field('Score', score, '0 to 100'), field('From', from), field('Until', until, 'The last day; empty for no end'), field('Reason', reason), h('button', { type: 'submit', class: 'primary' }, 'Keep'));
    const kept = (each) => {
      const why = h('input', { type: 'text', required: true, maxlength: 500, autocomplete: 'off' });
      why.id = newId('why');
      return h('li', {}, `${each.score} from ${each.from}${each.until ? ` until ${each.until}` : ''} by ${each.by}: ${each.reason}`, each.withdrawn ? soft(' (withdrawn)') : null,
        may('reviewer') && !each.withdrawn ? h('form', { class: 'inline', onsubmit: (event) => {
          event.preventDefault();
          act(() => send('POST', `apps/${word(id)}/override/${word(each.id)}/withdrawal`, { reason: why.value.trim() }));
        } }, h('label', { for: why.id }, 'Why it is withdrawn'), why, h('button', { type: 'submit', class: 'quiet' }, 'Withdraw')) : null);
    };
    const open = data.overrides.filter((each) => !each.withdrawn).length;
    replace(node, h('summary', {}, h('b', {}, 'A score of your own'), soft(open ? ` ${open} in force or to come` : ' none')),
      h('ul', {}, data.overrides.map(kept)), may('reviewer') ? form : null, message);
  };
  await draw();
  return node;
}

// An app has one decision as a whole, and others for one usage or one group of clients.
export async function decisionCard(app, first, exceptions) {
  const all = new Map([first, ...exceptions].map((each) => [scopeOf(each), each]));
  for (const usage of app.usages) if (!all.has(`${usage}|`)) all.set(`${usage}|`, undecided({ usage }));
  const { rows: groups } = await get('groups');
  for (const { id } of groups) if (!all.has(`|${id}`)) all.set(`|${id}`, undecided({ client_group: id }));
  let decision = first;
  const take = (data) => {
    for (const each of [data.decision, ...data.exceptions]) all.set(scopeOf(each), each);
    decision = all.get(scopeOf(decision));
  };
  const node = h('section', { class: 'card decision' });
  const history = h('div', {});

  const drawHistory = async () => {
    try {
      const data = await get(`apps/${word(app.id)}/history`);
      replace(history, data.rows.length ? [h('h3', {}, 'History'), h('ol', { class: 'history' }, data.rows.slice(0, 30).map((row) => h('li', {},
        h('span', {}, h('b', {}, row.field.replace('_', ' ')), ' ', soft(row.before || 'none'), ' → ', row.after || 'none'),
        h('span', { class: 'sub' }, time(row.at), ` by ${row.actor}`))))] : null,
        data.ratings.length ? [h('h3', {}, 'Rating'), h('ol', { class: 'history' }, [...data.ratings].reverse().slice(0, 12).map((row) => h('li', {},
          h('span', {}, h('b', {}, `${row.score} ${row.level}`), row.why.length ? soft(` ${row.why.slice(0, 3).join('; ')}`) : null), h('span', { class: 'sub' }, time(row.at)))))] : null);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    }
  };

  const draw = () => {
    const can = may('reviewer');
    if (!can) {
      replace(node, h('h2', {}, 'Decision'), h('p', {}, status(decision.status)),
        h('dl', { class: 'facts one' }, [...fields.map(([key, said]) => [said, decision[key]]), ['Review date', decision.review_date], ['Reason', decision.reason], ['Attachments', decision.links.length ? h('ul', { class: 'plain attached' }, decision.links.map(attachment)) : '']]
          .map(([said, value]) => h('div', {}, h('dt', {}, said), h('dd', {}, value || soft('–'))))),
        exceptions.length ? h('ul', {}, exceptions.map((each) => h('li', {}, scopeWords(each), ': ', status(each.status)))) : null,
        h('p', { class: 'hint' }, 'Deciding needs the role reviewer.'), history);
      return;
    }
    const message = h('div', { 'aria-live': 'polite' });
    const inputs = {};
    const radios = newId('status');
    const attached = decision.links;
    const form = h('form', { novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const body = { version: decision.version, usage: decision.usage ?? '', client_group: decision.client_group ?? '', status: form.querySelector(`input[name=${radios}]:checked`)?.value ?? decision.status };
      for (const [key, input] of Object.entries(inputs)) body[key] = input.value.trim();
      save.disabled = true;
      replace(message, h('p', { class: 'hint' }, 'Keeping the decision …'));
      try {
        take(await send('PUT', `apps/${word(app.id)}/decision`, body));
        replace(message, h('p', { class: 'good' }, 'Kept.'));
        drawHistory();
        document.dispatchEvent(new CustomEvent('gnomon-changed'));
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        replace(message, h('div', { class: 'message bad', role: 'alert' }, h('p', {}, problem.message),
          problem.status === 409 ? h('button', { type: 'button', onclick: async () => {
            take(await get(`apps/${word(app.id)}`));
                draw();
          } }, 'Show the decision as it is now') : null));
      }
      save.disabled = false;
    } });
    const save = h('button', { type: 'submit', class: 'primary' }, 'Keep the decision');
    for (const [key] of fields) inputs[key] = h('input', { type: 'text', value: decision[key], maxlength: 500, autocomplete: 'off' });
    inputs.review_date = h('input', { type: 'date', value: decision.review_date });
    inputs.reason = h('textarea', { rows: 3, maxlength: 4000 });
    inputs.reason.value = decision.reason;
    inputs.links = h('textarea', { rows: 2, maxlength: 4000, spellcheck: 'false' });
    inputs.links.value = decision.links.join('\n');
    const scope = h('select', { onchange: () => { decision = all.get(scope.value); draw(); } },
      [...all.values()].map((each) => h('option', { value: scopeOf(each) }, each.version === '0' || each === first ? scopeWords(each) : `${scopeWords(each)}: ${spoken(each.status)}`)));
    scope.value = scopeOf(decision);
    form.append(field('Applies to', scope), h('fieldset', { class: 'choices' }, h('legend', {}, 'Status'), choices.map((each) => {
      const id = newId('choice');
      return h('div', {}, h('input', { type: 'radio', name: radios, id, value: each, checked: each === decision.status }),
        h('label', { for: id }, status(each), soft(` ${meaning[each]}`)));
    })), ...fields.map(([key, said, hint]) => field(said, inputs[key], hint || null)),
    field('Review date', inputs.review_date, 'When to look again; an overdue review raises the risk'),
    field('Reason', inputs.reason), field('Attachments', inputs.links, 'Addresses of documents, one a line'),
    attached.length ? h('ul', { class: 'plain attached' }, attached.map(attachment)) : '', save, message);
    replace(node, h('h2', {}, 'Decision'), form, history);
  };
  draw();
  drawHistory();
  return node;
}
