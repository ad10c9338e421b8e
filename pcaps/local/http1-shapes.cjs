// What no common client still does by itself: pipelining, and changing hosts within a connection.
const net = require('net');
const [, , address, port] = process.argv;

const request = (host, body, last) =>
    `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n${last ? 'Connection: close\r\n' : ''}\r\n${body}`;
const ask = (word) => JSON.stringify({model: 'lab-model', messages: [{role: 'user', content: word}]});

function converse(parts, milliseconds) {
  return new Promise((done, failed) => {
    let heard = '';
    const socket = net.connect(Number(port), address, () => {
      socket.setNoDelay();
      parts.forEach((part, index) => setTimeout(() => socket.write(part), index * milliseconds));
    });
    socket.on('data', (data) => heard += data);
    socket.on('error', failed);
    socket.on('close', () => {
      const answers = heard.split('HTTP/1.1 200 OK').length - 1;
      return answers === 3 ? done() : failed(new Error(`${answers} answers`));
    });
  });
}

(async () => {
  const host = 'gateway.corp.example';
  // Three requests in one segment, before the first answer.
  await converse([request(host, ask('one')) + request(host, ask('two')) + request(host, ask('three'), true)], 0);
  // One after the other, each to another host.
  await converse(['gateway', 'models', 'wiki'].map(
      (name, index) => request(`${name}.corp.example`, ask(name), index === 2)), 200);
  // Cut in the middle of a header's name and of the body.
  const three = [0, 1, 2].map((index) => request(host, ask('cut ' + index), index === 2)).join('');
  await converse([three.slice(0, 36), three.slice(36, 150), three.slice(150)], 60);
})();
