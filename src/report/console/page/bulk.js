// One decision on many apps.
import { h, replace } from './dom.js';
import { send, Problem } from './api.js';
import { field, trouble, counted, spoken } from './parts.js';

const choices = ['under-review', 'sanctioned', 'tolerated', 'unsanctioned', 'unreviewed'];

export function bulkForm(rows, done) {
  const status = h('select', {}, h('option', { value: '' }, 'leave as it is'), choices.map((each) => h('option', { value: each }, spoken(each))));
  const owner = h('input', { type: 'text', maxlength: 500, autocomplete: 'off' });
  const date = h('input', { type: 'date' });
  const reason = h('input', { type: 'text', maxlength: 4000, autocomplete: 'off' });
  const message = h('div', { 'aria-live': 'assertive' });
  const given = { status, owner, review_date: date, reason };
  return h('form', { class: 'card bulk', 'aria-label': 'One decision on the chosen apps', onsubmit: async (event) => {
    event.preventDefault();
    const body = { apps: rows.map((row) => `${row.id} ${row.decision_version}`).join('\n') };
    for (const [key, input] of Object.entries(given)) if (input.value.trim()) body[key] = input.value.trim();
    if (Object.keys(body).length === 1) { replace(message, h('p', { class: 'message bad', role: 'alert' }, 'Say what is to change.')); return; }
    try {
      const said = await send('POST', 'decisions', body);
      document.dispatchEvent(new CustomEvent('gnomon-changed'));
      done(`${counted(said.changed, 'decision')} changed.`);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(message, trouble(problem, problem.status === 409 ? () => done('') : null));
    }
  } }, h('b', {}, counted(rows.length, 'app')), field('Decision', status), field('Owner', owner), field('Review date', date), field('Reason', reason),
  h('div', { class: 'row' }, h('button', { type: 'submit', class: 'primary' }, 'Decide on all of them'), h('button', { type: 'button', class: 'quiet', onclick: () => done('') }, 'Choose none')), message);
}
