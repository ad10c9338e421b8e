// `serve PORT` answers, `ask URL` asks.
const WebSocket = require('ws');

function serve(port) {
  const server = new WebSocket.Server({noServer: true, perMessageDeflate: {threshold: 0}});
  const forgetful = new WebSocket.Server({
    noServer: true,
    perMessageDeflate: {threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true,
                        serverMaxWindowBits: 10},
  });
  const plain = new WebSocket.Server({noServer: true, perMessageDeflate: false});
  require('node:http').createServer().on('upgrade', (request, socket, head) => {
    const which = request.url === '/forgetful' ? forgetful : request.url === '/plain' ? plain : server;
    which.handleUpgrade(request, socket, head, (peer) => {
      peer.on('message', (data, binary) => peer.send(
          binary ? `${data.length} bytes` : JSON.stringify({answer: 'You said ' + data})));
    });
  }).listen(port, '::');
}

const ask = (word) => JSON.stringify({model: 'lab-model', messages: [{role: 'user', content: word}]});

// Sends each message when the answer to the one before has come.
function talk(url, messages, options) {
  return new Promise((done, failed) => {
    const socket = new WebSocket(url, options);
    const next = () => messages.length ? messages.shift()(socket) : socket.close(1000);
    socket.on('open', next);
    socket.on('message', next);
    socket.on('error', failed);
    socket.on('close', done);
  });
}

async function converse(url) {
  const text = (word) => (socket) => socket.send(ask(word));
  await talk(url + '/chat', [
    text('one'), text('two'),
    (socket) => {
      socket.send(ask('three').slice(0, 10), {fin: false});
      socket.ping('in between');
      socket.send(ask('three').slice(10), {fin: true});
    },
  ], {perMessageDeflate: {threshold: 0}});
  await talk(url + '/forgetful', [text('four'), text('five')], {perMessageDeflate: {threshold: 0}});
  await talk(url + '/plain', [
    text('six'),
    (socket) => socket.send(Buffer.from(Array.from({length: 66000}, (_, index) => index % 251))),
  ], {perMessageDeflate: false});
}

const [, , what, where] = process.argv;
if (what === 'serve') {
  serve(Number(where));
} else {
  converse(where);
}
