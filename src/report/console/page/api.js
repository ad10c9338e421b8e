// The one way to the server.
export const session = { account: null, role: '', csrf_token: '', needs_setup: false, version: '' };
const ranks = { viewer: 1, reviewer: 2, admin: 3 };
export const may = (role) => session.account !== null && (ranks[session.role] ?? 0) >= ranks[role];

export class Problem extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let signedOut = () => {};
export const onSignedOut = (call) => { signedOut = call; };

async function ask(method, path, body) {
  const options = { method, headers: {}, credentials: 'same-origin', cache: 'no-store' };
  if (method !== 'GET') options.headers['X-CSRF-Token'] = session.csrf_token;
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, options);
  } catch {
    throw new Problem(0, 'unreachable', 'The console does not answer. Is it still running?');
  }
  let data = null;
  try { data = await answer.json(); } catch { /* told below */ }
  if (answer.ok && data !== null) return data;
  const told = data?.error ?? {};
  const message = told.message ?? `The console answered ${answer.status}.`;
  if (answer.status === 401 && told.code === 'signed_out') signedOut();
  const problem = new Problem(answer.status, told.code ?? '', message.charAt(0).toUpperCase() + message.slice(1));
  problem.data = data;
  throw problem;
}

export const get = (path) => ask('GET', path);
export const send = (method, path, body) => ask(method, path, body);
export async function readSession() {
  Object.assign(session, { account: null, role: '', csrf_token: '' }, await get('session'));
  return session;
}
export const take = (data) => Object.assign(session, data);
export const word = encodeURIComponent;
export function query(values) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values))
    if (value !== '' && value !== null && value !== undefined) search.set(key, value);
  const text = search.toString();
  return text ? `?${text}` : '';
}
