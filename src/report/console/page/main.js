// The frame around the pages: where one is, signing in, what is new.
import { h, replace } from './dom.js';
import { get, send, session, readSession, onSignedOut, may, Problem } from './api.js';
import { trouble, loading, time } from './parts.js';
import { forgetCharts } from './charts.js';
import { overview } from './overview.js';
import { apps, app } from './apps.js';
import { clients, client, assets, asset, candidates, describedList, unknown } from './lists.js';
import { alerts, policies, coverage, audit } from './sensor.js';
import { exports } from './exports.js';
import { groups as clientGroups } from './groups.js';
import { signIn, setUp, account, users } from './account.js';

const groups = [
  ['', [['/', 'Overview'], ['/apps', 'Apps'], ['/clients', 'Clients'], ['/assets', 'Self-hosted AI'], ['/candidates', 'Candidates'], ['/alerts', 'Alerts']]],
  ['Content', [['/findings', 'Findings'], ['/files', 'Files'], ['/models', 'Models'], ['/supply-chain', 'Supply chain']]],
  ['Sensor', [['/coverage', 'Coverage'], ['/unknown', 'Unknown hosts']]],
  ['Governance', [['/groups', 'Client groups'], ['/policies', 'Policies'], ['/exports', 'Exports'], ['/audit', 'Audit'], ['/users', 'Users', 'admin']]],
];
const routes = [
  [/^\/$/, overview], [/^\/apps$/, apps], [/^\/apps\/([^/]+)$/, app], [/^\/clients$/, clients], [/^\/clients\/([^/]+)$/, client],
  [/^\/assets$/, assets], [/^\/assets\/([^/]+)$/, asset], [/^\/candidates$/, candidates],
  [/^\/(?:findings|files|models|supply-chain)$/, describedList], [/^\/unknown$/, unknown], [/^\/alerts$/, alerts],
  [/^\/policies$/, policies], [/^\/coverage$/, coverage], [/^\/exports$/, exports], [/^\/groups$/, clientGroups], [/^\/audit$/, audit], [/^\/users$/, users], [/^\/account$/, account],
];

const frame = document.getElementById('frame');
const main = h('main', { id: 'main', tabindex: -1 });
const statement = h('footer', { class: 'foot', 'aria-label': 'Coverage' });
const news = h('div', { class: 'news', 'aria-live': 'polite' });
let nav = null;
let shown = null;      // the page that is there
let generation = 0;    // of the inventory it was drawn from
let turn = 0;

function buildFrame() {
  const links = groups.map(([said, all]) => {
    const mine = all.filter(([, , role]) => !role || may(role));
    return mine.length ? [said ? h('h2', {}, said) : null, h('ul', {}, mine.map(([path, text]) => h('li', {}, h('a', { href: path }, text))))] : null;
  });
  const menu = h('nav', { id: 'menu', 'aria-label': 'Pages' }, links);
  const toggle = h('button', { type: 'button', class: 'menu-button', 'aria-expanded': 'false', 'aria-controls': 'menu', onclick: () => {
    const open = side.classList.toggle('open');
    toggle.setAttribute('aria-expanded', String(open));
  } }, 'Menu');
  const side = h('div', { class: 'side', onkeydown: (event) => {
    if (event.key === 'Escape' && side.classList.contains('open')) { toggle.click(); toggle.focus(); }
  } },
    h('div', { class: 'brand' }, h('a', { href: '/' }, h('img', { src: '/static/icon.svg', alt: '', width: 26, height: 26 }), 'Gnomon'), toggle),
    menu,
    h('div', { class: 'who' }, h('a', { href: '/account' }, session.account), h('span', { class: 'sub' }, session.role),
      h('button', { type: 'button', class: 'quiet', onclick: async () => { try { await send('DELETE', 'session'); } catch { /* gone already */ } start(); } }, 'Sign out')));
  nav = { side, toggle, menu };
  replace(frame, h('div', { class: 'shell' }, side, h('div', { class: 'body' }, news, main, statement)));
}

async function drawStatement() {
  const data = await get('coverage');
  replace(statement, h('details', {}, h('summary', {}, h('b', {}, 'What this rests on: '), data.statement[0] ?? 'nothing was recorded yet.'),
    h('ul', { class: 'statement' }, data.statement.slice(1).map((line) => h('li', {}, line)))));
}

function markNav() {
  const here = `/${location.pathname.split('/')[1]}`;
  for (const link of nav.menu.querySelectorAll('a'))
    link.getAttribute('href') === here ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  nav.side.classList.remove('open');
  nav.toggle.setAttribute('aria-expanded', 'false');
}

async function show({ keep = false } = {}) {
  const mine = ++turn;
  const path = location.pathname;
  const found = routes.find(([pattern]) => pattern.test(path));
  if (!keep) { forgetCharts(); replace(main, loading()); markNav(); window.scrollTo(0, 0); }
  try {
    const page = found
      ? await found[1]({ path, words: (path.match(found[0]) ?? []).slice(1).map(decodeURIComponent) })
      : { title: 'Not found', node: h('div', { class: 'head' }, h('h1', {}, 'Nothing is here'), h('p', {}, h('a', { href: '/' }, 'To the overview'))) };
    if (mine !== turn) return;
    if (keep && inUse()) { offer(); return; }
    const scroll = window.scrollY;
    forgetChartsOf(keep);
    const back = keep ? placeIn(main) : null;
    replace(main, page.node);
    back?.();
    if (keep) window.scrollTo(0, scroll);
    shown = page;
    document.title = `${page.title} – Gnomon`;
    main.dataset.ready = path;
    if (!keep) main.focus({ preventScroll: true });
  } catch (problem) {
    if (mine !== turn) return;
    if (!(problem instanceof Problem)) { replace(main, trouble({ message: 'This page could not be drawn. Reload it; if that does not help, it is a mistake of ours.' })); throw problem; }
    if (problem.status === 401) return;
    if (keep) return;
    replace(main, h('div', { class: 'head' }, h('h1', {}, problem.status === 404 ? 'Not there' : 'That did not work')), trouble(problem, problem.status === 404 ? null : () => show()));
    document.title = 'Gnomon';
    main.dataset.ready = path;
  }
}
// What is unfolded and where the keyboard is, so that a page that is drawn again looks the same: by
// what stands there, as the elements are new ones.
function placeIn(node) {
  const nameOf = (details) => details.querySelector('summary b, summary')?.textContent ?? '';
  const folds = new Map([...node.querySelectorAll('details')].map((each) => [nameOf(each), each.open]));
  const kind = ':is(a, button, summary, [tabindex])';
  const saidBy = (each) => `${each.tagName} ${each.getAttribute('href') ?? ''} ${each.getAttribute('aria-label') ?? ''} ${each.textContent.slice(0, 80)}`;
  const focused = node.contains(document.activeElement) && document.activeElement.matches(kind) ? saidBy(document.activeElement) : null;
  return () => {
    for (const each of node.querySelectorAll('details')) if (folds.has(nameOf(each))) each.open = folds.get(nameOf(each));
    if (focused) [...node.querySelectorAll(kind)].find((each) => saidBy(each) === focused)?.focus({ preventScroll: true });
  };
}
const forgetChartsOf = (keep) => { if (keep) forgetCharts(); };

export function go(path) {
  history.pushState(null, '', path);
  show();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  // An anchor in the address would be another page of the history.
  if (link?.matches('.skip')) { event.preventDefault(); document.getElementById('main')?.focus(); return; }
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const href = link.getAttribute('href');
  if (typeof href !== 'string' || !href.startsWith('/') || link.hasAttribute('data-plain')) return;
  event.preventDefault();
  go(href);
});
window.addEventListener('popstate', () => { if (session.account) show(); });
document.addEventListener('keydown', (event) => {
  const typing = /^(input|textarea|select)$/i.test(document.activeElement?.tagName ?? '');
  if (event.key === '/' && !typing && shown?.find) { event.preventDefault(); shown.find.focus(); }
});
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (session.account && shown && !inUse()) show({ keep: true }); });

// New observations: lists are read again in place; what somebody is typing into is left alone.
async function look() {
  if (!session.account || document.hidden) return;
  let data;
  try { data = await get('changes'); } catch (problem) {
    if (problem.status === 0) replace(news, h('p', { class: 'message bad' }, problem.message));
    return;
  }
  if (data.trouble) replace(news, h('p', { class: 'message bad' }, `The inventory cannot be read: ${data.trouble}`));
  else replace(news);
  if (data.generation === generation) return;
  const first = generation === 0;
  generation = data.generation;
  if (first || !shown) return;
  await refresh();
}
// What was typed into the page that is there and is not stored yet.
const typed = new Set();
let submitted = null;
main.addEventListener('input', ({ target }) => typed.add(target));
main.addEventListener('submit', ({ target }) => { submitted = target; });
const forget = (node) => { for (const each of typed) if (!main.contains(each) || node?.contains(each)) typed.delete(each); };
// Pages that draw a part of themselves know what would be lost; the others are drawn whole.
function inUse() {
  if (shown.refresh) return Boolean(shown.dirty?.());
  forget(null);
  return typed.size > 0 || main.querySelector('.told:not(:empty)') !== null;
}
function offer() {
  replace(news, h('p', { class: 'message' }, 'The inventory has changed. ', h('button', { type: 'button', onclick: () => { replace(news); show(); } }, 'Read this page again')));
}
async function refresh() {
  await drawStatement();
  if (inUse()) { offer(); return; }
  if (shown.refresh) await shown.refresh(); else await show({ keep: true });
  main.dataset.generation = String(generation);
}
setInterval(() => { look().catch(() => {}); }, 3000);
document.addEventListener('visibilitychange', () => { look().catch(() => {}); });
// What this browser changed itself is on the page already.
document.addEventListener('gnomon-changed', async (event) => { forget(event.detail ?? submitted); try { generation = (await get('changes')).generation; } catch { /* the next look */ } });

function bare(page) {
  forgetCharts();
  nav = null;
  shown = null;
  replace(frame, h('main', { id: 'main', class: 'bare' }, h('p', { class: 'brand big' }, h('img', { src: '/static/icon.svg', alt: '', width: 34, height: 34 }), 'Gnomon'), page.node));
  document.title = `${page.title} – Gnomon`;
}

async function start() {
  try { await readSession(); } catch (problem) { bare({ title: 'Gnomon', node: trouble(problem, start) }); return; }
  if (!session.account) {
    const done = () => {
      if (/^\/(sign-in|setup)$/.test(location.pathname)) history.replaceState(null, '', '/');
      enter();
    };
    bare(location.pathname === '/setup' ? setUp(done) : signIn(done));
    return;
  }
  if (/^\/(sign-in|setup)$/.test(location.pathname)) history.replaceState(null, '', '/');
  enter();
}
async function enter() {
  buildFrame();
  // Asked before the page is: what changes while the page is read must not pass for shown.
  try { generation = (await get('changes')).generation; } catch { generation = 0; }
  const drawn = show();
  drawStatement().catch(() => {});
  await drawn;
  look().catch(() => {});
}
onSignedOut(() => { if (session.account) { session.account = null; start(); } });
start();
