// Storage as uploads in pieces need it: a place for each, which remembers what came.
//   storage_server.mjs PORT
// tus 1.0 (creation with the first piece, PATCH), PUT with Content-Range, S3's multipart upload, blocks of
// Azure's, Google's resumable uploads, and the IETF's draft of them, each without authentication.
import {createServer} from 'node:http';

const places = new Map(); // path → Map of where a piece begins, or its number → bytes

function place(path) {
  if (!places.has(path)) places.set(path, new Map());
  return places.get(path);
}
const length = (path) => [...place(path).values()].reduce((sum, each) => sum + each.length, 0);

function answer(request, body, url, response) {
  const say = (status, fields = {}, text = '') => {
    response.writeHead(status, {'content-length': Buffer.byteLength(text), ...fields});
    response.end(text);
  };
  const part = url.searchParams.get('partNumber');
  const here = `http://${request.headers.host}`;
  if (request.method === 'POST' && request.headers['tus-resumable']) {
    const path = `/files/${places.size + 1}`;
    place(path).set(0, body);
    return say(201, {'tus-resumable': '1.0.0', location: here + path, 'upload-offset': String(body.length)});
  }
  const command = request.headers['x-goog-upload-command'];
  if (command === 'start') {
    return say(200, {'x-goog-upload-status': 'active',
      'x-goog-upload-url': `${here}/upload/v1beta/files?upload_id=${places.size + 1}&upload_protocol=resumable`});
  }
  if (command) {
    place(url.search).set(Number(request.headers['x-goog-upload-offset']), body);
    const final = command.includes('finalize');
    return say(200, {'x-goog-upload-status': final ? 'final' : 'active', 'content-type': 'application/json'},
      final ? JSON.stringify({file: {name: 'files/1', uri: `${here}/v1beta/files/1`}}) : '');
  }
  if (request.method === 'PUT' && url.searchParams.get('comp')) {
    return say(201, {'x-ms-request-id': '1', 'x-ms-version': '2025-05-05', etag: '"1"', 'last-modified': new Date().toUTCString()});
  }
  if (request.method === 'PATCH') {
    place(url.pathname).set(Number(request.headers['upload-offset']), body);
    return say(204, {'tus-resumable': '1.0.0', 'upload-offset': String(length(url.pathname))});
  }
  if (request.method === 'PUT' && part) {
    place(url.pathname).set(Number(part), body);
    return say(200, {etag: `"${part}"`});
  }
  if (request.method === 'PUT' && request.headers['content-range']) {
    const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(request.headers['content-range']);
    place(url.pathname).set(Number(begin), body);
    return length(url.pathname) < Number(total) ? say(202) : say(201);
  }
  const xml = {'content-type': 'application/xml'};
  if (request.method === 'POST' && url.searchParams.has('uploads')) {
    const [, bucket, ...key] = url.pathname.split('/');
    return say(200, xml, `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket>` +
      `<Key>${key.join('/')}</Key><UploadId>lab-upload</UploadId></InitiateMultipartUploadResult>`);
  }
  if (request.method === 'POST' && url.searchParams.has('uploadId')) {
    return say(200, xml, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');
  }
  return say(404);
}

createServer((request, response) => {
  const pieces = [];
  // The IETF's draft: where the upload would go on is said while it comes.
  if (request.method === 'POST' && request.headers['upload-complete']) {
    response.socket.write('HTTP/1.1 104 Upload Resumption Supported\r\nLocation: /resumed/letter\r\n\r\n');
  }
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => answer(request, Buffer.concat(pieces), new URL(request.url, 'http://lab'), response));
}).listen(Number(process.argv[2]), '0.0.0.0');
