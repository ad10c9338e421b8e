// Runs the sessions of a plan, all at once: in a browser's page (shape_server.mjs serves it), or as
//   node shape_client.mjs PLAN SEED h1|h2
import {plan, random} from './shape_plan.mjs';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function drain(response) {
  const reader = response.body.getReader();
  while (!(await reader.read()).done);
}
const text_of = (bytes, next) => {
  let text = '';
  while (text.length < bytes) text += next().toString(36);
  return text.slice(0, bytes);
};

async function socket(url, on_open, on_message, seconds) {
  const line = new WebSocket(url);
  await new Promise((done) => {
    line.onopen = () => on_open(line);
    line.onmessage = () => on_message && on_message(line);
    line.onclose = line.onerror = done;
    setTimeout(() => line.close(), seconds * 1000);
  });
}

export async function run(each, ask, seed) {
  const next = random(seed + each.host.length * 131 + each.delay);
  const base = `https://${each.host}`;
  const get = async (path) => drain(await ask(base + path));
  const send = async (path, bytes) => drain(await ask(base + path, {method: 'POST', body: JSON.stringify({
    stream: true, model: 'lab', messages: [{role: 'user', content: text_of(bytes, next)}]}), headers: {'content-type': 'application/json'}}));
  await pause(each.delay);
  switch (each.kind) {
    case 'answer':
      for (let turn = 0; turn < each.turns; ++turn) {
        if (turn) await pause(each.gap);
        await send(each.path, each.body * (turn + 1));
      }
      return;
    case 'get': return get(each.path);
    case 'page':
      for (let turn = 0; turn < each.turns; ++turn) {
        if (turn) await pause(each.gap);
        await get('/page');
        await Promise.all(Array.from({length: each.parts}, (_, i) => get(`/asset?bytes=${Math.floor(each.bytes * next() * next()) + 300}&i=${i}`)));
      }
      return;
    case 'segments':
      for (let i = 0; i < each.count; ++i) { await get(`/download?bytes=${each.bytes}`); await pause(each.gap); }
      return;
    case 'poll': for (let i = 0; i < each.count; ++i) await get(each.path); return;
    case 'requests':
      for (let i = 0; i < each.count; ++i) { await get(`${each.path}&q=${text_of(4 + i, next)}`); await pause(each.gap * (0.5 + next())); }
      return;
    case 'upload': return send('/asset?bytes=200', each.bytes);
    case 'talk': {
      let said = 0;
      return socket(`wss://${each.host}/talk`, (line) => line.send(text_of(20, next)), async (line) => {
        if (++said >= each.count) return line.close();
        await pause(each.gap * (0.3 + 2 * next()));
        line.send(text_of(8 + 90 * next(), next));
      }, 25);
    }
    case 'game':
      return socket(`wss://${each.host}/game?hertz=${each.hertz}`, (line) => {
        const timer = setInterval(() => line.readyState === 1 ? line.send(text_of(24, next)) : clearInterval(timer), 1000 / each.hertz);
      }, null, each.seconds);
    case 'room': return socket(`wss://${each.host}/room?rate=${each.rate}`, (line) => line.send('join'), null, each.seconds);
  }
}

if (typeof process !== 'undefined' && process.argv[1]?.endsWith('shape_client.mjs')) {
  const [name, seed, version] = process.argv.slice(2);
  let ask = fetch;  // undici: HTTP/1.1, kept alive
  if (version === 'h2') {
    const http2 = await import('node:http2');
    const {Readable} = await import('node:stream');
    const sessions = new Map();
    ask = (url, options = {}) => new Promise((done, fail) => {
      const target = new URL(url);
      let session = sessions.get(target.origin);
      if (!session) sessions.set(target.origin, session = http2.connect(target.origin));
      session.on('error', fail);
      const stream = session.request({':path': target.pathname + target.search, ':method': options.method ?? 'GET', ...options.headers});
      stream.on('response', () => done({body: Readable.toWeb(stream)}));
      stream.on('error', fail);
      stream.end(options.body);
    });
  }
  await Promise.all(plan(name, Number(seed)).map((each) => run(each, ask, Number(seed)).catch((error) => console.error(each.host, error.message))));
  process.exit(0);
}
