// A list that the server searches, filters, sorts and pages. What is chosen stands in the address, so
// that it can be sent to somebody; views can be kept under a name.
import { h, replace, newId } from './dom.js';
import { get, query, send, Problem } from './api.js';
import { number, trouble, loading } from './parts.js';

// The account's own views, of every page.
let kept = null;
const readViews = async () => { kept = (await get('views')).rows; };

function viewsOf(path, state, go) {
  const list = h('span', { class: 'contents' });
  const message = h('div', { 'aria-live': 'polite' });
  const name = h('input', { type: 'text', maxlength: 40, required: true, autocomplete: 'off' });
  name.id = newId('view');
  // The list alone is drawn again when views arrive: a name may be half typed by then.
  const draw = () => replace(list, (kept ?? []).filter((view) => view.page === path).map((view) => h('span', { class: 'view' },
    h('a', { href: path + view.search, onclick: (event) => { event.preventDefault(); go(view.search); } }, view.name),
    h('button', { type: 'button', class: 'quiet', 'aria-label': `Forget the view ${view.name}`, onclick: () => act(() => send('DELETE', `views/${view.handle}`)) }, '×'))));
  const act = async (call) => {
    try { await call(); await readViews(); replace(message); draw(); } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      replace(message, trouble(problem));
    }
  };
  const back = () => { form.hidden = true; ask.hidden = false; ask.focus(); };
  const form = h('form', { class: 'inline', hidden: true, onkeydown: (event) => { if (event.key === 'Escape') back(); }, onsubmit: (event) => {
    event.preventDefault();
    act(async () => {
      await send('POST', 'views', { page: path, name: name.value.trim(), search: query(state()) });
      name.value = '';
      back();
    });
  } }, h('label', { for: name.id }, 'Name of this view'), name, h('button', { type: 'submit' }, 'Keep'),
  h('button', { type: 'button', class: 'quiet', onclick: back }, 'Back'));
  const ask = h('button', { type: 'button', class: 'quiet', onclick: () => { form.hidden = false; ask.hidden = true; name.focus(); } }, 'Keep this view');
  draw();
  act(async () => {});
  return h('div', { class: 'views' }, list, ask, form, message);
}

// columns: [{key, title, n, sort, cell(row), main}], or none when the answer tells them (columnsOf).
export function listPage({ path, api, search, filters = [], columns, columnsOf, none, rowClass, fixed = {}, views = true, choose = null }) {
  const given = new URLSearchParams(location.search);
  const state = { q: '', sort: '', order: '', page: '' };
  for (const each of filters) state[each.key] = '';
  // A filter that is set unless it is asked for otherwise has a word of its own for all.
  const usual = Object.fromEntries(filters.map((each) => [each.key, each.otherwise ?? '']));
  const everything = 'any';
  const read = (params) => { for (const key of Object.keys(state)) state[key] = params.get(key) ?? usual[key] ?? ''; };
  read(given);

  const count = h('output', { class: 'count' });
  const body = h('div', { class: 'listing' }, loading());
  const controls = {};
  const chosenRows = new Map();
  const chosenBar = h('div', {});
  let latest = 0;
  let choices = {};

  const chosen = () => ({ ...state });
  const remember = () => history.replaceState(null, '', path + query(chosen()));
  const change = (changes) => { Object.assign(state, { page: '' }, changes); remember(); load(); };

  const fillChoices = () => {
    for (const each of filters) {
      const select = controls[each.key];
      const words = each.words ?? (choices[each.key] ?? []).map((value) => [value, each.say ? each.say(value) : value]);
      if (select.options.length !== words.length + 1)
        replace(select, h('option', { value: each.otherwise ? everything : '' }, each.all ?? 'All'), words.map(([value, said]) => h('option', { value }, said)));
      if (state[each.key] && ![...select.options].some((option) => option.value === state[each.key]))
        select.append(h('option', { value: state[each.key] }, state[each.key]));
      select.value = state[each.key];
      if (each.given) select.parentNode.hidden = !state[each.key];
    }
  };

  let wait;
  const input = h('input', { type: 'search', value: state.q, autocomplete: 'off', spellcheck: 'false', class: 'find',
    oninput: () => { clearTimeout(wait); wait = setTimeout(() => change({ q: input.value }), 250); } });
  const inputId = newId('find');
  input.id = inputId;
  const tools = h('form', { class: 'contents', role: 'search', onsubmit: (event) => { event.preventDefault(); change({ q: input.value }); } },
    h('div', { class: 'field' }, h('label', { for: inputId }, `Search: ${search.charAt(0).toLowerCase()}${search.slice(1)}`), input),
    filters.map((each) => {
      const id = newId('filter');
      const select = h('select', { id, onchange: () => change({ [each.key]: select.value }) });
      controls[each.key] = select;
      return h('div', { class: 'field', hidden: each.given && !state[each.key] }, h('label', { for: id }, each.title), select);
    }),
    h('button', { type: 'button', class: 'quiet', onclick: () => {
      for (const key of Object.keys(state)) state[key] = usual[key] ?? '';
      input.value = '';
      change({});
    } }, 'Clear'));

  // Rows that are chosen for something to be done with all of them.
  const drawChosen = () => replace(chosenBar, chosenRows.size ? choose.form([...chosenRows.values()], (said) => {
    chosenRows.clear();
    replace(chosenBar, said ? h('p', { class: 'good', role: 'status' }, said) : null);
    load();
  }) : null);
  const tick = (said, checked, onchange) => h('input', { type: 'checkbox', 'aria-label': said, checked, onchange });
  const tickAll = (rows) => h('th', { scope: 'col', class: 'tick' }, tick('Choose all on this page', rows.length > 0 && rows.every((row) => chosenRows.has(choose.id(row))), (event) => {
    for (const row of rows) if (event.target.checked) chosenRows.set(choose.id(row), row); else chosenRows.delete(choose.id(row));
    for (const box of body.querySelectorAll('td.tick input')) box.checked = event.target.checked;
    drawChosen();
  }));
  const tickOne = (row) => h('td', { class: 'tick' }, tick(`Choose ${choose.said(row)}`, chosenRows.has(choose.id(row)), (event) => {
    if (event.target.checked) chosenRows.set(choose.id(row), row); else chosenRows.delete(choose.id(row));
    drawChosen();
  }));
  const heading = (column) => {
    if (!column.sort) return h('th', { scope: 'col', class: column.n ? 'n' : '' }, column.title);
    const active = state.sort === column.sort || (!state.sort && column.first);
    const descends = active ? (state.order ? state.order === 'desc' : Boolean(column.down)) : false;
    return h('th', { scope: 'col', class: column.n ? 'n' : '', 'aria-sort': active ? (descends ? 'descending' : 'ascending') : undefined },
      h('button', { type: 'button', 'data-sort': column.sort, onclick: () => change({
        sort: column.sort, order: active ? (descends ? 'asc' : 'desc') : (column.down ? 'desc' : 'asc'),
      }) }, column.title));
  };

  const pager = (data) => {
    const pages = Math.max(1, Math.ceil(data.total / data.size));
    if (pages === 1) return null;
    const to = (page, said, off) => h('button', { type: 'button', disabled: off, onclick: () => {
      state.page = page > 1 ? String(page) : '';
      remember();
      load().then(() => { body.scrollIntoView({ block: 'start' }); });
    } }, said);
    return h('nav', { class: 'pager', 'aria-label': 'Pages of the list' },
      to(data.page - 1, 'Previous', data.page <= 1),
      h('span', {}, `Page ${number(data.page)} of ${number(pages)}`),
      to(data.page + 1, 'Next', data.page >= pages));
  };

  const draw = (data) => {
    choices = data.choices ?? {};
    fillChoices();
    const shown = columns ?? columnsOf(data);
    const from = (data.page - 1) * data.size;
    const narrowed = Object.entries(state).some(([key, value]) => value && value !== everything && !['sort', 'order', 'page'].includes(key));
    replace(count, data.total === 0 ? (narrowed ? 'Nothing fits' : '')
      : data.total <= data.size ? `${number(data.total)} in all`
        : `${number(from + 1)}–${number(Math.min(from + data.size, data.total))} of ${number(data.total)}`);
    const focus = document.activeElement?.getAttribute?.('data-sort');
    if (data.total === 0) {
      replace(body, h('p', { class: 'none' }, narrowed ? 'Nothing fits these filters.' : (data.none || none)));
      return;
    }
    replace(body,
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'List' },
        h('table', { class: shown.length > 10 ? 'cards dense' : 'cards' },
          h('thead', {}, h('tr', {}, choose ? tickAll(data.rows) : null, shown.map(heading))),
          h('tbody', {}, data.rows.map((row) => h('tr', { class: rowClass?.(row) }, choose ? tickOne(row) : null, shown.map((column) =>
            h(column.main ? 'th' : 'td', { scope: column.main ? 'row' : undefined, class: [column.n ? 'n' : '', column.wide ? 'wide' : ''].join(' ').trim(), 'data-label': column.title },
              column.cell(row)))))))),
      pager(data));
    if (focus) body.querySelector(`[data-sort="${CSS.escape(focus)}"]`)?.focus();
  };

  async function load() {
    const mine = ++latest;
    body.setAttribute('aria-busy', 'true');
    try {
      const data = await get(api + query({ ...fixed, ...Object.fromEntries(Object.entries(state).filter(([, value]) => value !== everything)), size: 50 }));
      if (mine !== latest) return;
      // What was on this page is gone: the last one that there is.
      const last = Math.max(1, Math.ceil(data.total / data.size));
      if (data.page > last) {
        state.page = last > 1 ? String(last) : '';
        remember();
        await load();
        return;
      }
      draw(data);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (mine === latest) replace(body, trouble(problem, load));
    }
    if (mine === latest) body.removeAttribute('aria-busy');
  }

  const go = (searchText) => {
    read(new URLSearchParams(searchText));
    input.value = state.q;
    remember();
    load();
  };
  const node = h('div', {}, h('div', { class: 'tools' }, tools, views ? viewsOf(path, chosen, go) : null, count), chosenBar, body);
  fillChoices();
  node.refresh = load;
  node.find = input;
  node.dirty = () => chosenRows.size > 0;
  node.ready = load();
  return node;
}
