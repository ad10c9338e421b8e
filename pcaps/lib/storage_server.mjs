// Storage as uploads in pieces need it: a place for each, which remembers what came.
//   storage_server.mjs PORT
// tus 1.0 (PATCH), PUT with Content-Range, and S3's multipart upload, each without authentication.
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
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => answer(request, Buffer.concat(pieces), new URL(request.url, 'http://lab'), response));
}).listen(Number(process.argv[2]), '0.0.0.0');
