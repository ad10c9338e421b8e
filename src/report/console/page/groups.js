// Groups of clients.
import { h, replace } from './dom.js';
import { get, send, may, word, Problem } from './api.js';
import { number, section, field, soft, none, trouble, counted, day } from './parts.js';

function editor(group, done) {
  const fresh = group === null;
  const id = h('input', { type: 'text', required: true, maxlength: 64, autocapitalize: 'none', autocomplete: 'off', spellcheck: 'false' });
  const description = h('input', { type: 'text', maxlength: 500, autocomplete: 'off', value: group?.description ?? '' });
  const members = h('textarea', { rows: 5, spellcheck: 'false', maxlength: 100000, class: 'mono' });
  members.value = (group?.members ?? []).join('\n');
  const message = h('div', { 'aria-live': 'assertive' });
  return h('form', { class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    try {
      await send('PUT', `groups/${word(fresh ? id.value.trim() : group.id)}`, { version: group?.version ?? '0', description: description.value.trim(), members: members.value.split('\n').map((each) => each.trim()).filter(Boolean).join('\n') });
      document.dispatchEvent(new CustomEvent('gnomon-changed'));
      done();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(message, trouble(problem, problem.status === 409 ? done : null));
    }
  } }, fresh ? field('Id', id, 'Small letters, digits and -') : null, field('Description', description),
  field('Members', members, 'One a line: a network (10.1.0.0/16), an address, or name:NAME as the client calls itself'),
  h('button', { type: 'submit', class: 'primary' }, fresh ? 'Make the group' : 'Keep'), message);
}

export async function groups() {
  const body = h('div', {});
  const draw = async () => {
    const data = await get('groups');
    const card = (group) => {
      const message = h('div', { 'aria-live': 'polite' });
      let sure = false;
      const remove = h('button', { type: 'button', class: 'quiet', onclick: async () => {
        if (!sure) { sure = true; remove.textContent = 'Really remove'; return; }
        try { await send('DELETE', `groups/${word(group.id)}`); document.dispatchEvent(new CustomEvent('gnomon-changed')); await draw(); } catch (problem) {
          if (!(problem instanceof Problem)) throw problem;
          replace(message, trouble(problem));
        }
      } }, 'Remove');
      return h('article', { class: 'card' }, h('h2', {}, group.id), group.description ? h('p', {}, group.description) : null,
        h('p', { class: 'sub' }, `${counted(group.clients, 'client')} seen in it, ${counted(group.decisions, 'decision')} for it`, group.updated_by ? ` · changed by ${group.updated_by} on ${day(group.updated_at)}` : ''),
        h('ul', { class: 'inline-list mono' }, group.members.slice(0, 12).map((each) => h('li', {}, each)), group.members.length > 12 ? h('li', {}, soft(`and ${number(group.members.length - 12)} more`)) : null),
        may('reviewer') ? h('details', { class: 'part' }, h('summary', {}, h('b', {}, 'Change')), editor(group, draw), remove, message) : null);
    };
    replace(body, data.rows.length ? h('div', { class: 'groups' }, data.rows.map(card)) : none('No group is defined. Decisions hold for everybody.'),
      may('reviewer') ? section('A new group', null, editor(null, draw)) : null);
  };
  await draw();
  const dirty = () => body.querySelector('details[open]') !== null || [...body.querySelectorAll('section input, section textarea')].some((input) => input.value !== '');
  return { title: 'Client groups', node: h('div', {}, h('header', { class: 'head' }, h('h1', {}, 'Client groups'),
    h('p', { class: 'about' }, 'Departments, sites, fleets: for a group another decision may hold than for everybody, and block lists and reports can be made for it.')), body), dirty, refresh: draw };
}
