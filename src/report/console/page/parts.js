// What many pages show: numbers, times, badges, messages.
import { h, svg, newId } from './dom.js';

const whole = new Intl.NumberFormat('en');
export const number = (value) => whole.format(value ?? 0);
// Rounded down, as everywhere: the text never says more than there was.
export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  const all = value ?? 0;
  let scale = 1;
  let unit = 0;
  while (all / scale >= 1000 && unit < units.length - 1) { scale *= 1000; ++unit; }
  const digits = unit === 0 || all / scale >= 100 ? 0 : all / scale >= 10 ? 1 : 2;
  const parts = 10 ** digits;
  return `${(Math.floor(all / (scale / parts)) / parts).toFixed(digits)} ${units[unit]}`;
}
export function time(text) {
  if (!text) return h('span', { class: 'soft' }, '–');
  return h('time', { datetime: text, title: `${text.slice(0, 19).replace('T', ' ')} UTC` },
    text.slice(0, 16).replace('T', ' '));
}
export function date(text) {
  return text ? h('time', { datetime: text, title: `${text.slice(0, 19).replace('T', ' ')} UTC` }, text.slice(0, 10)) : h('span', { class: 'soft' }, '–');
}
export const day = (text) => (text ? text.slice(0, 10) : '–');
// "1 (+2)": one used it, two more only asked.
export const usedOf = (used, all) => (all > used ? `${number(used)} (+${number(all - used)})` : number(used));
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

const acronyms = new Set(['ai', 'api', 'cdn', 'cli', 'gpu', 'hr', 'ide', 'llm', 'mcp', 'ml', 'sdk', 'ui', 'tls']);
export const spoken = (text) => String(text ?? '').split(/[-_]/)
  .map((part) => (acronyms.has(part) ? part.toUpperCase() : part)).join(' ');
export const title = (text) => { const said = spoken(text); return said.charAt(0).toUpperCase() + said.slice(1); };

const levels = ['minimal', 'low', 'medium', 'high', 'critical'];
const asLevel = { info: 'minimal', notice: 'low', warning: 'medium' };
export function risk(rating) {
  if (!rating) return h('span', { class: 'badge rx' }, 'not rated');
  return h('span', { class: `badge r${levels.indexOf(rating.level)}`,
    title: `Score ${rating.score} of 100; ${rating.confidence} % of what decides it is known` },
    h('b', {}, rating.score), ' ', rating.level);
}
export function severity(wordOf) {
  const at = levels.indexOf(asLevel[wordOf] ?? wordOf);
  return h('span', { class: `badge r${at < 0 ? 0 : at}` }, wordOf || 'none');
}
export const status = (wordOf) => h('span', { class: `status ${wordOf}` }, spoken(wordOf));

// Below a session nothing is use.
const grades = {
  none: ['no evidence', 0], dns: ['looked up', 1], name: ['contacted', 2], session: ['session', 3],
  use: ['use seen', 4], content: ['content read', 5],
};
const gradeTitles = {
  none: 'Nothing was seen', dns: 'The name was looked up; that is no use',
  name: 'A connection asked for it; that is no use', session: 'Bytes flowed both ways',
  use: 'A path, an upload or a streamed answer was seen', content: 'The request itself was read',
};
export const gradeWords = grades;
export function grade(wordOf) {
  const [said, rank] = grades[wordOf] ?? [wordOf, 0];
  const bars = [0, 1, 2, 3, 4].map((i) =>
    svg('rect', { x: i * 8, width: 6, height: 10, rx: 1, class: i < rank ? 'on' : 'off' }));
  return h('span', { class: `grade ${rank < 3 ? 'weak' : ''}`, title: gradeTitles[wordOf] },
    svg('svg', { viewBox: '0 0 38 10', 'aria-hidden': 'true' }, ...bars), said);
}
export const chips = (words) => (words?.length
  ? h('span', { class: 'chips' }, words.map((each) => h('span', { class: 'chip' }, spoken(each))))
  : h('span', { class: 'soft' }, '–'));
// Names of machines and files: they may break behind what divides their parts.
const isAddress = (text) => /^[0-9a-f.:[\]]+$/i.test(text);
export const mono = (text) => (text.length <= 14 || isAddress(text) ? h('span', { class: 'mono' }, text) : h('span', { class: 'mono' }, text.split(/(?<=[./:_@-])(?=.)/).flatMap((part, at) => (at ? [h('wbr'), part] : [part]))));
export const none = (text) => h('p', { class: 'none' }, text);
export const soft = (text) => h('span', { class: 'soft' }, text);
export function figure(value, label, href) {
  // A list of terms holds no links around its parts: the one in the term covers the whole.
  return h('div', { class: 'figure' }, h('dt', {}, href ? h('a', { href }, label) : label), h('dd', {}, value));
}
export const figures = (...all) => h('dl', { class: 'figures' }, all);
export function section(heading, about, ...content) {
  const id = newId('section');
  return h('section', { class: 'block', 'aria-labelledby': id },
    h('h2', { id }, heading), about ? h('p', { class: 'about' }, about) : null, content);
}
export function trouble(problem, again) {
  return h('div', { class: 'message bad', role: 'alert' }, h('p', {}, problem.message),
    again ? h('button', { type: 'button', onclick: again }, 'Try again') : null);
}
export const loading = (what = 'Loading') => h('div', { class: 'loading', role: 'status' },
  h('span', { class: 'sr' }, `${what} …`), [1, 2, 3, 4, 5, 6].map(() => h('div', { class: 'bar' })));
export function field(label, control, hint) {
  const id = newId('field');
  control.id = id;
  let told = null;
  if (hint) {
    told = h('span', { class: 'hint', id: `${id}-hint` }, hint);
    control.setAttribute('aria-describedby', told.id);
  }
  return h('div', { class: 'field' }, h('label', { for: id }, label), control, told);
}
// Where it was seen: the file with its folder; the whole path for who points at it.
export const place = (row) => (row.file
  ? h('span', { title: row.file }, `${row.file.split('/').slice(-2).join('/')}, packet ${number(row.frame)}`) : '');

// One cell of a list that the server describes.
export function cell(column, value) {
  if (value === null || value === undefined || value === '') return soft('–');
  if (column.kind === 'number') return number(value);
  if (column.kind === 'bytes') return bytes(value);
  if (column.kind === 'time') return date(value);
  if (column.kind === 'share') return `${Math.round(value * 100)} %`;
  if (column.kind === 'flag') return value ? 'yes' : 'no';
  if (column.kind === 'texts') {
    if (!value.length) return soft('–');
    return h('ul', { class: 'plain' }, value.map((each) => h('li', {}, each)));
  }
  if (column.key === 'severity' || column.key === 'risk_level') return severity(value);
  if (column.key === 'status') return status(value);
  if (column.key === 'direction') return value === 'to_server' ? 'sent' : value === 'to_client' ? 'received' : value;
  if (column.key === 'client' && value !== 'others') return h('a', { class: 'mono', href: `/clients/${encodeURIComponent(value)}` }, value);
  if (['host', 'server', 'sample', 'file', 'file_name', 'repository', 'detector'].includes(column.key)) return mono(value);
  if (typeof value === 'string' && /\S{40}/.test(value)) return h('span', { class: 'long' }, value);
  return spokenKeys.has(column.key) ? spoken(value) : value;
}
const spokenKeys = new Set(['category', 'kind', 'confidence', 'authenticated', 'family', 'operation', 'format']);
// Columns of sentences.
const isWide = (column) => ['explanation', 'evidence', 'meaning', 'remedy', 'command', 'why'].includes(column.key) || column.kind === 'texts';
export const classOf = (column) => (isNumber(column) ? 'n' : isWide(column) ? 'wide' : '');
export const isNumber = (column) => ['number', 'bytes', 'share'].includes(column.kind);

// A list as the server describes it, whole or its first rows.
export function listTable(list, skip = []) {
  const shown = list.columns.map((column, at) => ({ ...column, at }))
    .filter((column) => column.shown && !skip.includes(column.key));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': list.title },
    h('table', { class: shown.length > 10 ? 'cards dense' : 'cards' },
      h('thead', {}, h('tr', {}, shown.map((column) =>
        h('th', { scope: 'col', class: isNumber(column) ? 'n' : '' }, column.title)))),
      h('tbody', {}, list.rows.map((row) => h('tr', {}, shown.map((column) =>
        h('td', { class: classOf(column), 'data-label': column.title }, cell(column, row[column.at]))))))),
    list.total > list.rows.length
      ? h('p', { class: 'after' }, `The first ${number(list.rows.length)} of ${number(list.total)}.`) : null);
}
