// server.mjs PRODUCT[:PORT]…  answers as these products do, on every address, one port each; what
// each answers stands in products.mjs and more_products.mjs. "server.mjs --ask PRODUCT" prints what curl is to ask it.
import http from 'node:http';
import {moreProducts} from './more_products.mjs';
import {products as commonProducts} from './products.mjs';

const products = {...commonProducts, ...moreProducts};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function route(product, method, path) {
  const exact = product.routes[`${method} ${path}`];
  if (exact) return exact;
  for (const [key, answer] of Object.entries(product.routes)) {
    const [verb, pattern] = key.split(' ');
    if (verb !== method || !pattern.includes('*')) continue;
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    if (new RegExp(`^${parts.join('[^/]+')}$`).test(path)) return answer;
  }
  return null;
}

async function answer(product, request, response) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces).toString();
  let asked = {};
  try {
    asked = JSON.parse(body);
  } catch {
    // not JSON
  }
  const path = request.url.split('?')[0];
  let found = route(product, request.method, path);
  const secret = request.headers.authorization || request.headers['api-key'] || request.headers['x-api-key'];
  if (product.key && found && !found.open && !secret) found = {status: 401, json: product.key};
  if (!found) found = product.other || {status: 404, json: {detail: 'Not Found'}};
  if (typeof found === 'function') found = found(asked, request);
  const headers = {...product.headers, ...found.headers};
  if (found.sse) {
    response.writeHead(200, {...headers, 'content-type': 'text/event-stream'});
    for (const event of found.sse) {
      response.write(event);
      await pause(20);
    }
    response.end();
    return;
  }
  if (found.ndjson) {
    response.writeHead(200, {...headers, 'content-type': 'application/x-ndjson'});
    for (const line of found.ndjson) {
      response.write(JSON.stringify(line) + '\n');
      await pause(20);
    }
    response.end();
    return;
  }
  if (found.bytes) {
    response.writeHead(found.status ?? 200, {'content-type': 'application/octet-stream', ...headers});
    response.end(found.bytes);
    return;
  }
  const text = found.html ?? found.text ?? JSON.stringify(found.json ?? {});
  const type = found.html ? 'text/html; charset=utf-8' : found.text !== undefined ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(found.status ?? 200, {'content-type': type, ...headers});
  response.end(request.method === 'HEAD' ? undefined : text);
}

const words = process.argv.slice(2);
if (words[0] === '--ask') {
  for (const [method, path, body, ...headers] of products[words[1]].ask) {
    const line = ['-X', method];
    if (body !== undefined && body !== null) line.push('-H', 'content-type: application/json', '-d', typeof body === 'string' ? body : JSON.stringify(body));
    for (const header of headers) line.push('-H', header);
    console.log([path, ...line].join('\t'));
  }
} else {
  for (const word of words) {
    const [name, port] = word.split(':');
    const product = products[name];
    if (!product) throw new Error(`no product ${name}`);
    const server = http.createServer((request, response) => answer(product, request, response));
    for (const [path, reply] of Object.entries(product.sockets ?? {})) {
      const {WebSocketServer} = await import('ws');
      new WebSocketServer({server, path, perMessageDeflate: false}).on('connection', (socket) =>
        socket.on('message', (data) => socket.send(JSON.stringify(reply(JSON.parse(data))))));
    }
    server.listen(Number(port || product.port), '0.0.0.0');
  }
}
