// The server side of the captures: answers as AI services do, in shape and in cadence, with text of
// no meaning. Cleartext HTTP/1.1, or HTTPS with HTTP/2 and HTTP/1.1 under --tls.
//
//   --port N --listen ADDRESS --tls CERTIFICATE KEY --tokens N --cadence MILLISECONDS
//   --redirect HOST   where downloads under /resolve/ and /blobs/ are sent, as hubs do
//   --layers HOST     where those under /blobs/ are, when it is another

import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';

const options = {port: 8080, listen: '::', tokens: 40, cadence: 30, redirect: '', layers: '', tls: null};
for (let i = 2; i < process.argv.length; ++i) {
  const name = process.argv[i].slice(2);
  if (name === 'tls') {
    options.tls = {cert: fs.readFileSync(process.argv[++i]), key: fs.readFileSync(process.argv[++i])};
  } else if (name in options) {
    const value = process.argv[++i];
    options[name] = typeof options[name] === 'number' ? Number(value) : value;
  } else {
    throw new Error(`unknown option --${name}`);
  }
}

const kWords = ('the lamp on a quiet shelf keeps its small light while rain counts slowly over ' +
                'green roofs and nobody hurries to close any of the windows').split(' ');
const token = (index) => (index ? ' ' : '') + kWords[index % kWords.length];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Writes one piece per token at the cadence of a model, so that on the wire it is one small record
// each.
async function stream(response, type, pieces) {
  response.writeHead(200, {'content-type': type, 'cache-control': 'no-cache'});
  for (const piece of pieces) {
    response.write(piece);
    await pause(options.cadence);
  }
  response.end();
}

const sse = (data, event) =>
    (event ? `event: ${event}\n` : '') + `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
// A model that gives its instructions away when it is asked for them; of others nothing is known.
function instructions(request) {
  const said = (message) => typeof message?.content === 'string' ? message.content : '';
  const messages = request?.json?.messages ?? [];
  if (!said(messages.at(-1)).includes('your instructions')) return '';
  return request.json.system ?? said(messages.find((message) => message.role === 'system'));
}
function tokens(request) {
  const given = instructions(request);
  if (given) return `Of course, here they are: ${given}`.split(/(?= )/);
  return Array.from({length: options.tokens}, (_, index) => token(index));
}
const whole = (request) => tokens(request).join('');

function json(response, value, status = 200) {
  const body = JSON.stringify(value);
  response.writeHead(status, {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)});
  response.end(body);
}

function html(response, body) {
  response.writeHead(200, {'content-type': 'text/html; charset=utf-8'});
  response.end(`<!doctype html><html><head><title>Page</title><link rel="icon" href="data:,"></head>` +
               `<body>${body}</body></html>`);
}

// --- the vendors' shapes -------------------------------------------------------------------------

const openai_chunk = (id, model, delta, finish = null) => ({
  id, object: 'chat.completion.chunk', created: 1700000000, model,
  choices: [{index: 0, delta, finish_reason: finish}],
});

function openai_chat(request, response) {
  const id = 'chatcmpl-lab0001', model = request.json.model ?? 'lab-model';
  if (!request.json.stream) {
    return json(response, {
      id, object: 'chat.completion', created: 1700000000, model,
      choices: [{index: 0, message: {role: 'assistant', content: whole(request)}, finish_reason: 'stop'}],
      usage: {prompt_tokens: 12, completion_tokens: options.tokens, total_tokens: 12 + options.tokens},
    });
  }
  return stream(response, 'text/event-stream', [
    sse(openai_chunk(id, model, {role: 'assistant', content: ''})),
    ...tokens(request).map((text) => sse(openai_chunk(id, model, {content: text}))),
    sse(openai_chunk(id, model, {}, 'stop')), sse('[DONE]'),
  ]);
}

function anthropic_messages(request, response) {
  const model = request.json.model ?? 'lab-model';
  const message = {
    id: 'msg_lab0001', type: 'message', role: 'assistant', model, content: [], stop_reason: null,
    stop_sequence: null, usage: {input_tokens: 12, output_tokens: 1},
  };
  if (!request.json.stream) {
    return json(response, {...message, content: [{type: 'text', text: whole(request)}], stop_reason: 'end_turn'});
  }
  const event = (data) => sse(data, data.type);
  return stream(response, 'text/event-stream', [
    event({type: 'message_start', message}),
    event({type: 'content_block_start', index: 0, content_block: {type: 'text', text: ''}}),
    ...tokens(request).map((text) => event({type: 'content_block_delta', index: 0, delta: {type: 'text_delta', text}})),
    event({type: 'content_block_stop', index: 0}),
    event({type: 'message_delta', delta: {stop_reason: 'end_turn', stop_sequence: null}, usage: {output_tokens: options.tokens}}),
    event({type: 'message_stop'}),
  ]);
}

function google_generate(request, response) {
  const answer = (text, finishReason) =>
      ({candidates: [{content: {role: 'model', parts: [{text}]}, index: 0, finishReason}], modelVersion: 'lab-model'});
  if (request.path.endsWith(':generateContent')) return json(response, answer(whole(), 'STOP'));
  return stream(response, 'text/event-stream',
                [...tokens().map((text) => sse(answer(text))), sse(answer('', 'STOP'))]);
}

// Google's resumable upload: the first request asks for a place, the second brings the bytes.
function google_upload(request, response) {
  if (request.headers['x-goog-upload-command'] === 'start') {
    response.writeHead(200, {
      'x-goog-upload-url': `https://${request.host}/upload/v1beta/files?upload_id=lab0001`,
      'x-goog-upload-status': 'active', 'content-length': 0,
    });
    return response.end();
  }
  response.setHeader('x-goog-upload-status', 'final');
  return json(response, {file: {
    name: 'files/lab0001', mimeType: 'text/plain', sizeBytes: String(request.body.length), state: 'ACTIVE',
    uri: `https://${request.host}/v1beta/files/lab0001`,
  }});
}

// Ollama says one JSON object per line.
function ollama(request, response) {
  const model = request.json.model ?? 'lab-model', created_at = '2024-01-01T00:00:00Z';
  const said = (text) => request.path === '/api/chat' ? {message: {role: 'assistant', content: text}} : {response: text};
  const line = (value) => JSON.stringify({model, created_at, ...value}) + '\n';
  const last = {done: true, done_reason: 'stop', total_duration: 1, eval_count: options.tokens};
  if (request.json.stream === false) return json(response, {model, created_at, ...said(whole()), ...last});
  return stream(response, 'application/x-ndjson',
                [...tokens().map((text) => line({...said(text), done: false})), line({...said(''), ...last})]);
}

// A web chat: the page asks one question by fetch() and reads the stream to its end. The frame whose
// document stays open holds back the load event until then, as a headless browser leaves at that.
const kChatPaths = {
  'chatgpt.com': '/backend-api/conversation',
  'claude.ai': '/api/organizations/lab/chat_conversations/lab/completion',
  'gemini.google.com': '/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate',
  'chat.lumenwrite.example': '/api/stream',
};

function chat_page(host, response) {
  html(response, `<p id="answer"></p><script>
    const hold = document.body.appendChild(document.createElement('iframe')).contentDocument;
    hold.open();
    (async () => {
      const answer = await fetch('${kChatPaths[host]}', {
        method: 'POST', headers: {'content-type': 'application/json'},
        body: JSON.stringify({messages: [{role: 'user', content: 'Please describe a quiet room.'}]}),
      });
      const reader = answer.body.getReader(), text = new TextDecoder();
      for (let part = await reader.read(); !part.done; part = await reader.read())
        document.getElementById('answer').textContent += text.decode(part.value);
      hold.close();
    })();</script>`);
}

const chat_answer = (request, response) =>
    stream(response, 'text/event-stream', [...tokens().map((text) => sse({v: text})), sse('[DONE]')]);

// --- what resembles it, and is none ---------------------------------------------------------------

// People talking: a page that says twelve things over WebSocket, at uneven moments.
const talk_page = (response) => html(response, `<p id="said"></p><script>
    const hold = document.body.appendChild(document.createElement('iframe')).contentDocument;
    hold.open();
    const line = new WebSocket('wss://' + location.host + '/talk');
    let count = 0;
    const say = () => line.send('a short remark, number ' + count);
    line.onopen = say;
    line.onmessage = () => {
      document.getElementById('said').textContent = 'said ' + ++count;
      if (count < 12) return setTimeout(say, count % 3 ? 90 : 400);
      line.close();
      hold.close();
    };</script>`);

// Prices as events: even intervals, each event as long as the last.
async function ticker(request, response) {
  response.writeHead(200, {'content-type': 'text/event-stream'});
  for (let tick = 0; tick < 8; ++tick) {
    response.write(sse({symbol: 'LAB', price: (100 + tick / 8).toFixed(3)}));
    await pause(500);
  }
  response.end();
}

// --- downloads -----------------------------------------------------------------------------------

// Bytes that do not compress, the same at every run.
function bytes(count) {
  const out = Buffer.alloc(count);
  for (let at = 0, block = 0; at < count; at += 32, ++block)
    crypto.createHash('sha256').update(String(block)).digest().copy(out, at);
  return out;
}

// How files of models begin.
const kBeginnings = {
  gguf: Buffer.from('GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0', 'latin1'),
  safetensors: Buffer.from('\x18\0\0\0\0\0\0\0{"__metadata__":{"a":"b"}}', 'latin1'),
};

function download(request, response) {
  const query = new URLSearchParams(request.query);
  const body = bytes(Number(query.get('bytes') ?? 60000));
  kBeginnings[query.get('as')]?.copy(body);
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const last = to ? Number(to) : body.length - 1;
  const part = from ? body.subarray(Number(from), last + 1) : body;
  const headers = {'content-type': 'application/octet-stream', 'content-length': part.length};
  if (from) headers['content-range'] = `bytes ${from}-${last}/${body.length}`;
  response.writeHead(from ? 206 : 200, headers);
  response.end(part);
}

// Signed links, by digest: the name of the file is gone.
function redirect(request, response) {
  const digest = crypto.createHash('sha256').update(request.path).digest('hex');
  const layer = options.layers && request.path.includes('/blobs/');
  const location = layer ?
      `https://${options.layers}/ollama/docker/registry/v2/blobs/sha256/${digest.slice(0, 2)}/${digest}/data` +
          '?X-Amz-Expires=86400&bytes=12000&as=gguf' :
      `https://${options.redirect}/repos/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}` +
          '?X-Amz-Expires=3600&bytes=12000&as=safetensors';
  response.writeHead(302, {location, 'content-length': 0});
  response.end();
}

const ollama_manifest = (request, response) => json(response, {
  schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: {mediaType: 'application/vnd.docker.container.image.v1+json', size: 485, digest: 'sha256:' + '0'.repeat(64)},
  layers: [{mediaType: 'application/vnd.ollama.image.model', size: 12000, digest: 'sha256:' + '1'.repeat(64)}],
});

// --- routes --------------------------------------------------------------------------------------

const kRoutes = [
  ['POST', /\/chat\/completions$/, openai_chat],
  ['POST', /^\/v1\/messages$/, anthropic_messages],
  ['POST', /^\/v1(beta)?\/models\/.*:(streamGenerate|generate)Content$/, google_generate],
  ['POST', /^\/upload\/v1beta\/files$/, google_upload],
  ['POST', /^\/api\/(chat|generate)$/, ollama],
  ['GET', /^\/api\/tags$/, (_, response) => json(response, {models: [{name: 'llama3.2:1b', size: 1321098329}]})],
  ['GET', /^\/v1\/models$/, (_, response) => json(response, {object: 'list', data: [{id: 'lab-model', object: 'model'}]})],
  ['POST', /^\/v1\/files$/, (request, response) => json(response, {
    id: 'file-lab0001', object: 'file', bytes: request.body.length, filename: 'notes.txt', purpose: 'assistants',
    created_at: 1700000000, status: 'processed'})],
  ['POST', /^\/v1\/embeddings$/, (_, response) => json(response, {
    object: 'list', model: 'lab-embed', data: [{object: 'embedding', index: 0, embedding: Array(64).fill(0.125)}]})],
  ['GET', /^\/v2\/.*\/manifests\//, ollama_manifest],
  ['GET', /^\/(repos|ollama\/docker)\//, download],
  ['GET', /\/(resolve|blobs)\//, redirect],
  ['HEAD', /\/(resolve|blobs)\//, redirect],
  ['GET', /^\/download/, download],
  ['GET', /^\/ticker$/, ticker],
];

function answer(request, response) {
  for (const [method, path, handler] of kRoutes) {
    if (request.method === method && path.test(request.path)) return handler(request, response);
  }
  if (request.method === 'POST' && request.path === kChatPaths[request.host]) return chat_answer(request, response);
  if (request.method === 'GET' && request.host in kChatPaths) return chat_page(request.host, response);
  if (request.method === 'GET' && request.host === 'talk.club.example') return talk_page(response);
  if (request.method === 'GET') return html(response, `<h1>${kWords.slice(0, 6).join(' ')}</h1><p>${whole()}</p>`);
  return json(response, {status: 'ok'});
}

function on_request(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const target = new URL(request.url, 'http://lab');
    request.body = Buffer.concat(parts);
    request.path = target.pathname;
    request.query = target.search;
    request.host = (request.headers[':authority'] ?? request.headers.host ?? '').replace(/:\d+$/, '');
    try {
      request.json = JSON.parse(request.body.toString());
    } catch {
      request.json = {};  // not JSON: a multipart upload, or nothing
    }
    console.log(request.method, request.host, request.url, request.body.length);
    answer(request, response);
  });
}

// RFC 6455: enough to hold a conversation of short text frames.
function on_upgrade(request, socket) {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
               `Sec-WebSocket-Accept: ${crypto.createHash('sha1').update(key).digest('base64')}\r\n\r\n`);
  const say = (text) => socket.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]));
  socket.on('data', (frame) => {
    if ((frame[0] & 0x0f) === 8) return socket.end(Buffer.from([0x88, 0x00]));
    say(`seen ${frame.length}`);
  });
  socket.on('error', () => {});
}

const server = options.tls ? http2.createSecureServer({...options.tls, allowHTTP1: true}, on_request)
                           : http.createServer(on_request);
server.on('upgrade', on_upgrade);
server.listen(options.port, options.listen);
