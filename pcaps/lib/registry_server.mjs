// Hubs and registries that send their clients to storage, by the names of both, and that storage: HTTPS
// with HTTP/2 and HTTP/1.1 on every address. What it keeps is of no meaning.
//   registry_server.mjs CERTIFICATE KEY SECRETS
// SECRETS: where the secrets of its connections go, as NSS's key log, for clients that write none.

import {createHash} from 'node:crypto';
import {appendFileSync, readFileSync} from 'node:fs';
import {createSecureServer} from 'node:http2';
import {gzipSync} from 'node:zlib';

const [certificate, key, secrets] = process.argv.slice(2);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Bytes that do not repeat, beginning as a file of the format does.
function weights(name, begin) {
  const bytes = Buffer.alloc(6000);
  for (let at = 0; at < bytes.length; at += 32) createHash('sha256').update(`${name} ${at}`).digest().copy(bytes, at);
  begin.copy(bytes);
  return bytes;
}
const kGguf = Buffer.from('GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0', 'latin1');
const kSafetensors = Buffer.from('\x18\0\0\0\0\0\0\0{"__metadata__":{"a":"b"}}', 'latin1');
const kOnnx = Buffer.from('\x08\x07\x12\x07pytorch\x1a\x05', 'latin1');

// --- what there is -------------------------------------------------------------------------------

const kOci = 'application/vnd.oci.image.';
const blobs = new Map();      // by digest
const manifests = new Map();  // by path

function keep(type, bytes) {
  const digest = `sha256:${sha256(bytes)}`;
  blobs.set(digest, bytes);
  return {mediaType: type, digest, size: bytes.length};
}
function publish(host, repository, tag, config, layers) {
  const manifest = JSON.stringify({schemaVersion: 2, mediaType: `${kOci}manifest.v1+json`, config, layers});
  for (const each of [tag, `sha256:${sha256(manifest)}`])
    manifests.set(`${host}/v2/${repository}/manifests/${each}`, manifest);
}
const model = (value) => keep('application/vnd.docker.ai.model.config.v0.1+json', Buffer.from(JSON.stringify({config: value})));
function container(host, repository, tag, text) {
  const layer = Buffer.from(text.repeat(200));
  publish(host, repository, tag,
          keep(`${kOci}config.v1+json`, Buffer.from(JSON.stringify({
            architecture: 'amd64', os: 'linux', config: {},
            rootfs: {type: 'layers', diff_ids: [`sha256:${sha256(layer)}`]}}))),
          [keep(`${kOci}layer.v1.tar+gzip`, gzipSync(layer))]);
}
publish('ghcr.io', 'lab/models/tiny', 'q4', model({format: 'gguf'}),
        [keep('application/vnd.docker.ai.gguf.v3', weights('tiny', kGguf))]);
publish('registry-1.docker.io', 'ai/smollm2', 'latest', model({format: 'safetensors'}),
        [keep('application/vnd.docker.ai.safetensors', weights('smollm2', kSafetensors))]);
container('registry-1.docker.io', 'ollama/ollama', '0.12.3', 'a server of models ');
container('ghcr.io', 'shop/web', '7', 'a shop ');

const kFiles = {
  'detector.onnx': weights('detector', kOnnx),
  'tool-linux.tar.gz': gzipSync(Buffer.from('a tool '.repeat(400))),
  'model.safetensors': weights('qwen', kSafetensors),
};

// --- who sends where -----------------------------------------------------------------------------

const layer_path = (digest) => `/registry-v2/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`;
const kStorage = {
  'ghcr.io': (digest) => `https://pkg-containers.githubusercontent.com/ghcr1/blobs/${digest}?se=2026-11-27T07%3A00%3A00Z&sig=lab`,
  'registry-1.docker.io': (digest) => `https://production.cloudflare.docker.com${layer_path(digest)}?verify=1795762800-lab`,
};
const signed = (file) => `${sha256(file).slice(0, 8)}-0000-4000-8000-${sha256(file).slice(8, 20)}`;
const stored = new Map();  // path at storage → bytes
for (const digest of blobs.keys()) {
  stored.set(`/ghcr1/blobs/${digest}`, blobs.get(digest));
  stored.set(layer_path(digest), blobs.get(digest));
}
for (const [file, bytes] of Object.entries(kFiles)) {
  stored.set(`/github-production-release-asset/112233445/${signed(file)}`, bytes);
  stored.set(`/prod/lfs-objects/${sha256(bytes).slice(0, 2)}/${sha256(bytes).slice(2, 4)}/${sha256(bytes).slice(4)}`, bytes);
}

function location_of(host, url) {
  const [, digest] = /^\/v2\/.+\/blobs\/(sha256:[0-9a-f]{64})$/.exec(url.pathname) ?? [];
  if (digest && blobs.has(digest) && kStorage[host]) return kStorage[host](digest);
  const [, release] = /^\/[^/]+\/[^/]+\/releases\/download\/[^/]+\/([^/]+)$/.exec(url.pathname) ?? [];
  if (host === 'github.com' && kFiles[release])
    return `https://release-assets.githubusercontent.com/github-production-release-asset/112233445/${signed(release)}` +
           `?sp=r&se=2026-11-27T07%3A00%3A00Z&response-content-disposition=attachment%3B%20filename%3D${release}`;
  const file = kFiles[url.searchParams.get('FilePath')];
  if (host === 'www.modelscope.cn' && url.pathname.endsWith('/repo') && file)
    return `https://cdn-lfs-cn-1.modelscope.cn/prod/lfs-objects/${sha256(file).slice(0, 2)}/${sha256(file).slice(2, 4)}/` +
           `${sha256(file).slice(4)}?filename=${url.searchParams.get('FilePath')}&auth_key=1795762800-lab`;
  return null;
}

function on_request(request, response) {
  const url = new URL(request.url, 'https://lab');
  const host = request.headers[':authority'] ?? request.headers.host ?? '';
  const say = (status, fields, bytes = Buffer.alloc(0)) => {
    response.writeHead(status, {'content-length': bytes.length, ...fields});
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
  const manifest = manifests.get(host + url.pathname);
  if (url.pathname === '/v2/') return say(200, {'docker-distribution-api-version': 'registry/2.0'});
  if (manifest)
    return say(200, {'content-type': `${kOci}manifest.v1+json`, 'docker-content-digest': `sha256:${sha256(manifest)}`},
               Buffer.from(manifest));
  const location = location_of(host, url);
  if (location) return say(host === 'github.com' ? 302 : 307, {location});
  const bytes = stored.get(url.pathname);
  if (bytes) return say(200, {'content-type': 'application/octet-stream'}, bytes);
  return say(404, {'content-type': 'text/plain'});
}

const server = createSecureServer({cert: readFileSync(certificate), key: readFileSync(key), allowHTTP1: true}, on_request);
server.on('keylog', (line) => appendFileSync(secrets, line));
server.listen(443, '0.0.0.0');
