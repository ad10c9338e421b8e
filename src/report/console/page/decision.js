// What was decided about an app, and deciding anew.
import { h, replace, newId } from './dom.js';
import { get, send, word, may, Problem } from './api.js';
import { status, field, soft, time } from './parts.js';

const choices = ['unreviewed', 'under-review', 'sanctioned', 'tolerated', 'unsanctioned'];
const meaning = { unreviewed: 'nobody has looked', 'under-review': 'somebody is looking', sanctioned: 'approved', tolerated: 'allowed for now', unsanctioned: 'not allowed' };
const fields = [
  ['owner', 'Owner', 'Who answers for it'], ['purpose', 'Purpose', 'What it is used for'],
  ['department', 'Department', ''], ['data_class', 'Data class allowed', 'The most sensitive data it may see'],
];

export async function decisionCard(app, first, onDone) {
  let decision = first;
  let changed = false;
  const node = h('section', { class: 'card decision' });
  const history = h('div', {});

  const drawHistory = async () => {
    try {
      const data = await get(`apps/${word(app.id)}/history`);
      replace(history, data.rows.length ? [h('h3', {}, 'History'), h('ol', { class: 'history' }, data.rows.slice(0, 30).map((row) => h('li', {},
        h('span', {}, h('b', {}, row.field.replace('_', ' ')), ' ', soft(row.before || 'none'), ' → ', row.after || 'none'),
        h('span', { class: 'sub' }, time(row.at), ` by ${row.actor}`))))] : null);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    }
  };

  const draw = () => {
    const can = may('reviewer');
    if (!can) {
      replace(node, h('h2', {}, 'Decision'), h('p', {}, status(decision.status)),
        h('dl', { class: 'facts one' }, [...fields.map(([key, said]) => [said, decision[key]]), ['Review date', decision.review_date], ['Reason', decision.reason]]
          .map(([said, value]) => h('div', {}, h('dt', {}, said), h('dd', {}, value || soft('–'))))),
        h('p', { class: 'hint' }, 'Deciding needs the role reviewer.'), history);
      return;
    }
    const message = h('div', { 'aria-live': 'polite' });
    const inputs = {};
    const radios = newId('status');
    const form = h('form', { novalidate: true, oninput: () => { changed = true; }, onsubmit: async (event) => {
      event.preventDefault();
      const body = { version: decision.version, status: form.querySelector(`input[name=${radios}]:checked`)?.value ?? decision.status };
      for (const [key, input] of Object.entries(inputs)) body[key] = input.value.trim();
      save.disabled = true;
      replace(message, h('p', { class: 'hint' }, 'Keeping the decision …'));
      try {
        decision = await send('PUT', `apps/${word(app.id)}/decision`, body);
        changed = false;
        replace(message, h('p', { class: 'good' }, 'Kept.'));
        drawHistory();
        onDone?.(decision);
        document.dispatchEvent(new CustomEvent('gnomon-changed'));
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        replace(message, h('div', { class: 'message bad', role: 'alert' }, h('p', {}, problem.message),
          problem.status === 409 ? h('button', { type: 'button', onclick: async () => {
            decision = (await get(`apps/${word(app.id)}`)).decision;
            changed = false;
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
    form.append(h('fieldset', { class: 'choices' }, h('legend', {}, 'Status'), choices.map((each) => {
      const id = newId('choice');
      return h('div', {}, h('input', { type: 'radio', name: radios, id, value: each, checked: each === decision.status }),
        h('label', { for: id }, status(each), soft(` ${meaning[each]}`)));
    })), ...fields.map(([key, said, hint]) => field(said, inputs[key], hint || null)),
    field('Review date', inputs.review_date, 'When to look again; an overdue review raises the risk'),
    field('Reason', inputs.reason), save, message);
    replace(node, h('h2', {}, 'Decision'), form, history);
  };
  draw();
  drawHistory();
  return { node, dirty: () => changed };
}
