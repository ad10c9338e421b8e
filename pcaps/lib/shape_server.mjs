// The server side of the captures in shapes/: answers as models stream them, and what else comes over
// the web in pieces. Text has no meaning. HTTP/1.1 in clear on 127.0.0.1:8080, behind Caddy.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import {fileURLToPath} from 'node:url';

import {plan, random} from './shape_plan.mjs';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
let serial = 1;
const kWords = 'the lamp on a quiet shelf keeps its small light while rain counts slowly over green roofs and nobody hurries'.split(' ');
const normal = (next) => Math.sqrt(-2 * Math.log(next() + 1e-9)) * Math.cos(2 * Math.PI * next());
const sse = (value) => `data: ${JSON.stringify(value)}\n\n`;

const kForms = {
  openai: (t) => sse({id: 'chatcmpl-lab0001', object: 'chat.completion.chunk', created: 1700000000, model: 'lab-model',
    system_fingerprint: 'fp_lab', choices: [{index: 0, delta: {content: t}, logprobs: null, finish_reason: null}]}),
  anthropic: (t) => 'event: content_block_delta\n' + sse({type: 'content_block_delta', index: 0, delta: {type: 'text_delta', text: t}}),
  google: (t) => sse({candidates: [{content: {parts: [{text: t}], role: 'model'}, index: 0}], usageMetadata: {promptTokenCount: 12}, modelVersion: 'lab'}),
  raw: (t) => `0:${JSON.stringify(t)}\n`,
  ndjson: (t) => JSON.stringify({model: 'lab', created_at: '2024-01-01T00:00:00Z', message: {role: 'assistant', content: t}, done: false}) + '\n',
};

async function answer(query, response, next) {
  response.writeHead(200, {'content-type': 'text/event-stream', 'access-control-allow-origin': '*'});
  await pause(Number(query.get('think')));
  const ms = Number(query.get('ms')), jitter = Number(query.get('jitter')), batch = Number(query.get('batch'));
  const form = kForms[query.get('form')];
  let due = Date.now();
  for (let i = 0; i < Number(query.get('n')) && !response.destroyed; i += batch) {
    let piece = '';
    for (let k = 0; k < batch; ++k) piece += form(' ' + kWords[Math.floor(next() * kWords.length)]);
    response.write(piece);
    due += ms * batch * Math.exp(jitter * normal(next) - jitter * jitter / 2) + (next() < 0.01 ? 300 : 0);
    await pause(Math.max(1, due - Date.now()));
  }
  response.end(query.get('form') === 'openai' ? 'data: [DONE]\n\n' : '');
}

const noise = (bytes) => crypto.randomBytes(Math.max(1, Math.floor(bytes)));
const open = (response, type = 'text/event-stream') => response.writeHead(200, {'content-type': type, 'access-control-allow-origin': '*'});

const kPaths = {
  '/answer': answer,
  '/page': (query, response, next) => { open(response, 'text/html'); response.end(noise(8000 + next() * 60000)); },
  '/asset': (query, response) => { open(response, 'application/octet-stream'); response.end(noise(Number(query.get('bytes')))); },
  '/download': (query, response) => { open(response, 'application/octet-stream'); response.end(noise(Number(query.get('bytes')))); },
  '/slow': async (query, response) => {
    open(response, 'application/octet-stream');
    for (let left = Number(query.get('bytes')); left > 0 && !response.destroyed; left -= 16384) {
      response.write(noise(Math.min(left, 16384)));
      await pause(16384 / Number(query.get('rate')) * 1000);
    }
    response.end();
  },
  '/audio': async (query, response, next) => {  // frames of 26 ms, sent as an encoder hands them on
    open(response, 'audio/mpeg');
    const bytes = Number(query.get('kbps')) * 125 * 0.026, frames = 4 + Math.floor(next() * 12);
    for (let i = 0; i < Number(query.get('s')) / (0.026 * frames) && !response.destroyed; ++i) { response.write(noise(bytes * frames)); await pause(26 * frames); }
    response.end();
  },
  '/ticker': async (query, response) => {
    open(response);
    for (let i = 0; i < Number(query.get('n')) && !response.destroyed; ++i) { response.write(sse({symbol: 'LAB', price: (100 + i / 8).toFixed(3)})); await pause(Number(query.get('ms'))); }
    response.end();
  },
  '/feed': async (query, response, next) => {  // what many people do, as it happens
    open(response);
    for (const end = Date.now() + Number(query.get('s')) * 1000; Date.now() < end && !response.destroyed;) {
      response.write(sse({who: noise(4).toString('hex'), what: kWords.slice(0, 1 + Math.floor(next() * 15)).join(' ')}));
      await pause(-Math.log(next() + 1e-9) * 1000 / Number(query.get('rate')));
    }
    response.end();
  },
  '/logs': async (query, response, next) => {  // a job's output: many lines at once, then none
    open(response);
    for (const end = Date.now() + Number(query.get('s')) * 1000; Date.now() < end && !response.destroyed;) {
      for (let lines = 1 + Math.floor(next() * 20); lines > 0; --lines) response.write(sse({line: noise(10 + next() * 50).toString('hex')}));
      await pause(Number(query.get('pause')) * (0.2 + 1.6 * next()));
    }
    response.end();
  },
  '/poll': async (query, response, next) => { await pause(Number(query.get('wait'))); open(response, 'application/json'); response.end(noise(100 + next() * 400)); },
};

function conduct(query, response) {
  response.writeHead(200, {'content-type': 'text/html'});
  response.end(`<!doctype html><html><head><title>Page</title><link rel="icon" href="data:,"></head><body><p id="done"></p>
    <script type="module">
    const hold = document.body.appendChild(document.createElement('iframe')).contentDocument;
    hold.open();
    const {plan} = await import('/shape_plan.mjs');
    const {run} = await import('/shape_client.mjs');
    const seed = ${Number(query.get('seed'))};
    await Promise.all(plan('${query.get('plan')}', seed).map((each) => run(each, fetch, seed).catch(() => {})));
    document.getElementById('done').textContent = 'ALL' + 'DONE';
    hold.close();
    </script>`);
}

const server = http.createServer((request, response) => {
  request.resume();
  const url = new URL(request.url, 'http://lab'), next = random(serial++ * 97 + 13);
  if (url.pathname === '/conduct') return conduct(url.searchParams, response);
  if (url.pathname.endsWith('.mjs')) {
    response.writeHead(200, {'content-type': 'text/javascript'});
    return response.end(fs.readFileSync(fileURLToPath(new URL('.' + url.pathname, import.meta.url))));
  }
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {'access-control-allow-origin': '*', 'access-control-allow-headers': '*', 'access-control-allow-methods': '*'});
    return response.end();
  }
  request.on('end', () => (kPaths[url.pathname] ?? kPaths['/page'])(url.searchParams, response, next));
});

// RFC 6455: enough to say things.
server.on('upgrade', (request, socket) => {
  const url = new URL(request.url, 'http://lab'), next = random(serial++ * 89 + 5);
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
               `Sec-WebSocket-Accept: ${crypto.createHash('sha1').update(key).digest('base64')}\r\n\r\n`);
  const say = (bytes) => {
    if (socket.destroyed) return;
    const size = Math.floor(bytes), head = size < 126 ? Buffer.from([0x82, size]) : Buffer.from([0x82, 126, size >> 8, size & 255]);
    socket.write(Buffer.concat([head, noise(size)]));
  };
  let timer;
  if (url.pathname === '/game') timer = setInterval(() => say(60 + next() * 200), 1000 / Number(url.searchParams.get('hertz')));
  if (url.pathname === '/room') {
    const later = () => { timer = setTimeout(() => { say(30 + next() * 180); later(); }, -Math.log(next() + 1e-9) * 1000 / Number(url.searchParams.get('rate'))); };
    later();
  }
  socket.on('data', (frame) => {
    if ((frame[0] & 0x0f) === 8) return socket.end(Buffer.from([0x88, 0x00]));
    if (url.pathname === '/talk') say(20 + next() * 120);
  });
  socket.on('close', () => { clearInterval(timer); clearTimeout(timer); });
  socket.on('error', () => {});
});
server.listen(8080, '127.0.0.1');
