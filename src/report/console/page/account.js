// Signing in, the first account, one's own account, and everybody's.
import { h, replace } from './dom.js';
import { get, send, word, session, take, Problem } from './api.js';
import { counted, field, section, time, soft, trouble } from './parts.js';

const roles = [['viewer', 'viewer: reads'], ['reviewer', 'reviewer: also decides'], ['admin', 'admin: also says who may']];
const secret = (complete) => h('input', { type: 'password', required: true, autocomplete: complete, maxlength: 1024 });
const roleSelect = (value) => {
  const select = h('select', {}, roles.map(([each, said]) => h('option', { value: each }, said)));
  select.value = value;
  return select;
};

function form(submit, onsubmit, ...content) {
  const message = h('div', { 'aria-live': 'assertive' });
  const button = h('button', { type: 'submit', class: 'primary' }, submit);
  return h('form', { class: 'stack', onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    replace(message);
    try {
      const said = await onsubmit();
      if (said) { replace(message, h('p', { class: 'good' }, said)); event.target.reset(); }
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(message, trouble(problem));
    }
    button.disabled = false;
  } }, content, button, message);
}

export function signIn(done) {
  const name = h('input', { type: 'text', required: true, autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' });
  const password = secret('current-password');
  const node = h('div', { class: 'card narrow' }, h('h1', {}, 'Sign in'),
    session.needs_setup ? h('div', { class: 'message' }, h('p', {}, 'Nobody may sign in yet. Open the link that the console printed when it started, or make the first account with'), h('p', {}, h('code', {}, 'gnomon user add NAME --role admin'))) : null,
    form('Sign in', async () => { take(await send('POST', 'session', { name: name.value.trim(), password: password.value })); done(); },
      field('Name', name), field('Password', password)));
  requestAnimationFrame(() => name.focus());
  return { title: 'Sign in', node };
}

export function setUp(done) {
  const token = location.hash.slice(1);
  const name = h('input', { type: 'text', required: true, autocomplete: 'username', autocapitalize: 'none', maxlength: 64 });
  const password = secret('new-password');
  const again = secret('new-password');
  return { title: 'First account', node: h('div', { class: 'card narrow' }, h('h1', {}, 'Make the first account'),
    h('p', { class: 'about' }, 'It is an admin: it reads, decides, and lets others in. The link works once.'),
    form('Make the account', async () => {
      if (password.value !== again.value) throw new Problem(0, '', 'The two passwords differ.');
      take(await send('POST', 'setup', { token, name: name.value.trim(), password: password.value }));
      done();
    }, field('Name', name, 'Letters, digits and . _ @ -'), field('Password', password, '12 characters or more; a few words are easy to remember'), field('Password again', again))) };
}

export async function account() {
  const old = secret('current-password');
  const fresh = secret('new-password');
  const again = secret('new-password');
  return { title: 'Account', node: h('div', {}, h('header', { class: 'head' }, h('h1', {}, session.account), h('p', { class: 'about' }, `Role: ${session.role}`)),
    section('Change the password', 'Everywhere else you are signed out by it.', form('Change it', async () => {
      if (fresh.value !== again.value) throw new Problem(0, '', 'The two new passwords differ.');
      take(await send('PUT', 'password', { old: old.value, new: fresh.value }));
      return 'Changed.';
    }, field('Old password', old), field('New password', fresh, '12 characters or more'), field('New password again', again)))),
  refresh: async () => {} };  // nothing of it is the inventory's
}

export async function users() {
  const body = h('div', {});
  const draw = async () => {
    const [accounts, sessions] = await Promise.all([get('users'), get('sessions')]);
    const message = h('div', { 'aria-live': 'polite' });
    const act = async (call) => {
      try { await call(); await draw(); } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        replace(message, trouble(problem));
      }
    };
    const name = h('input', { type: 'text', required: true, autocomplete: 'off', autocapitalize: 'none', maxlength: 64 });
    const password = secret('new-password');
    const role = roleSelect('viewer');
    replace(body, message,
      section('Accounts', null, h('div', { class: 'scroll' }, h('table', { class: 'cards' }, h('thead', {}, h('tr', {}, ['Name', 'Role', 'Signed in', ''].map((text) => h('th', { scope: 'col' }, text || h('span', { class: 'sr' }, 'Actions'))))),
        h('tbody', {}, accounts.rows.map((each) => {
          const select = roleSelect(each.role);
          select.setAttribute('aria-label', `Role of ${each.name}`);
          select.addEventListener('change', () => act(() => send('PUT', `users/${word(each.name)}`, { role: select.value })));
          let sure = false;
          const remove = h('button', { type: 'button', class: 'quiet', onclick: () => {
            if (!sure) { sure = true; remove.textContent = 'Really remove'; return; }
            act(() => send('DELETE', `users/${word(each.name)}`));
          } }, 'Remove');
          return h('tr', {}, h('th', { scope: 'row', 'data-label': 'Name' }, each.name, each.name === session.account ? soft(' (you)') : null), h('td', { 'data-label': 'Role' }, each.name === session.account ? each.role : select),
            h('td', { 'data-label': 'Signed in' }, each.sessions ? counted(each.sessions, 'time') : soft('no')), h('td', {}, each.name === session.account ? null : remove));
        })))), ),
      section('Let somebody in', null, form('Make the account', async () => {
        await send('POST', 'users', { name: name.value.trim(), role: role.value, password: password.value });
        await draw();
      }, field('Name', name), field('Role', role), field('First password', password, 'To be changed by whom it is for'))),
      section('Sessions', 'Who is signed in now.', h('div', { class: 'scroll' }, h('table', { class: 'cards' }, h('thead', {}, h('tr', {}, ['Account', 'From', 'Since (UTC)', 'Last seen', ''].map((text) => h('th', { scope: 'col' }, text || h('span', { class: 'sr' }, 'Actions'))))),
        h('tbody', {}, sessions.rows.map((each) => h('tr', {}, h('th', { scope: 'row', 'data-label': 'Account' }, each.account, each.own ? soft(' (this one)') : null), h('td', { class: 'mono', 'data-label': 'From' }, each.address), h('td', { 'data-label': 'Since' }, time(each.began)), h('td', { 'data-label': 'Last seen' }, time(each.last_seen)),
          h('td', {}, each.own ? null : h('button', { type: 'button', class: 'quiet', onclick: () => act(() => send('DELETE', `sessions/${each.handle}`)) }, 'End')))))))));
  };
  await draw();
  const typed = () => [...body.querySelectorAll('input')].some((input) => input.value !== '');
  return { title: 'Users', node: h('div', {}, h('header', { class: 'head' }, h('h1', {}, 'Users and sessions'), h('p', { class: 'about' }, 'Who may sign in to this console. The same is done by gnomon user on the command line.')), body), dirty: typed, refresh: draw };
}
