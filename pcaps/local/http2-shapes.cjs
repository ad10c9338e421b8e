// What only a library reaches of HTTP/2. `serve PORT` answers, `ask URL` asks.
const http2 = require('node:http2');
const {PADDING_STRATEGY_MAX} = http2.constants;

function serve(port) {
  const server = http2.createServer({
    paddingStrategy: PADDING_STRATEGY_MAX,
    settings: {enableConnectProtocol: true, headerTableSize: 8192},
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':protocol'] === 'websocket') {
      stream.respond({':status': 200});
      stream.on('data', () => {
        stream.write(Buffer.from('\x81\x05Hello', 'latin1'));
        stream.end(Buffer.from('\x88\x02\x03\xe8', 'latin1'));
      });
      return;
    }
    let size = 0;
    stream.on('data', (piece) => size += piece.length);
    stream.on('end', () => {
      if (headers[':path'] === '/push' && stream.pushAllowed) {
        stream.pushStream({':path': '/pushed'}, (error, pushed) => {
          if (error) return;
          pushed.respond({':status': 200, 'content-type': 'text/plain'});
          pushed.end('pushed');
        });
      }
      stream.respond({':status': 200, 'content-type': 'application/json'}, {waitForTrailers: true});
      stream.on('wantTrailers', () => stream.sendTrailers({'x-size': String(size)}));
      stream.end(JSON.stringify({size}));
    });
  });
  server.listen(port, '::');
}

async function ask(url) {
  const session = http2.connect(url, {
    paddingStrategy: PADDING_STRATEGY_MAX,
    settings: {enablePush: true, maxHeaderListSize: 262144},
  });
  await new Promise((done) => session.once('remoteSettings', done));
  const request = (headers, body) => new Promise((done, failed) => {
    const stream = session.request(headers);
    stream.on('error', failed);
    stream.on('end', done);
    stream.resume();
    stream.end(body);
  });
  const post = (path, word) => request(
      {':method': 'POST', ':path': path, 'content-type': 'application/json'},
      JSON.stringify({model: 'lab-model', messages: [{role: 'user', content: word}]}));
  await Promise.all(['one', 'two', 'three'].map((word) => post('/v1/chat/completions', word)));
  await post('/push', 'pushed');
  // A head that takes several frames.
  await request({':method': 'POST', ':path': '/long', 'x-long': 'long '.repeat(4000)}, 'long');
  // Given up by the client.
  await new Promise((done) => {
    const stream = session.request({':method': 'POST', ':path': '/reset'});
    stream.on('error', () => {});
    stream.on('close', done);
    stream.write('half a bo');
    setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 100);
  });
  await new Promise((done) => {
    const stream = session.request(
        {':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat', ':scheme': 'http'});
    stream.on('close', done);
    stream.resume();
    const text = Buffer.from('{"prompt":"Hello"}');
    const mask = Buffer.from([1, 2, 3, 4]);
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask,
                                 text.map((byte, index) => byte ^ mask[index % 4])]);
    stream.on('response', () => stream.end(frame));
  });
  session.close();
}

const [, , what, where] = process.argv;
if (what === 'serve') {
  serve(Number(where));
} else {
  ask(where);
}
