// A document in parts of 4 KiB, by the vendors' own packages: for S3 and for Azure all at once, for tus one
// after another with the first in what creates the upload. Google's takes 8 MiB and more for a part, so that
// it comes whole.
//   uploads.cjs ENDPOINT FILE s3|azure|tus|google
const {readFileSync} = require('fs');
const {Readable} = require('stream');

const [endpoint, file, service] = process.argv.slice(2);
const bytes = readFileSync(file);
const part = 4096;

async function s3() {
  const {S3Client, CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand} =
    require('@aws-sdk/client-s3');
  const client = new S3Client({
    endpoint, region: 'lab', forcePathStyle: true,
    credentials: {accessKeyId: 'lab', secretAccessKey: 'lab'},
  });
  const place = {Bucket: 'team', Key: 'letter.docx'};
  const {UploadId} = await client.send(new CreateMultipartUploadCommand(place));
  const parts = [];
  for (let at = 0; at < bytes.length; at += part) {
    const piece = bytes.subarray(at, at + part);
    const PartNumber = parts.length + 1;
    parts.push(client.send(new UploadPartCommand({
      ...place, UploadId, PartNumber, Body: Readable.from([piece]), ContentLength: piece.length,
    })).then(({ETag}) => ({ETag, PartNumber})));
  }
  if (parts.length < 3) throw new Error(`only ${parts.length} parts`);
  await client.send(new CompleteMultipartUploadCommand({
    ...place, UploadId, MultipartUpload: {Parts: await Promise.all(parts)},
  }));
}

// The last block goes first: only the list says where it belongs.
async function azure() {
  const {BlockBlobClient, AnonymousCredential} = require('@azure/storage-blob');
  const client = new BlockBlobClient(`${endpoint}/account/team/letter.docx`, new AnonymousCredential());
  const ids = [];
  for (let at = 0; at < bytes.length; at += part) ids.push(Buffer.from(`block-${ids.length}`).toString('base64'));
  for (let each = ids.length - 1; each >= 0; --each) {
    const piece = bytes.subarray(each * part, each * part + part);
    await client.stageBlock(ids[each], piece, piece.length);
  }
  await client.commitBlockList(ids, {blobHTTPHeaders: {blobContentType: 'application/octet-stream'}});
}

function tus() {
  const {Upload} = require('tus-js-client');
  return new Promise((resolve, reject) => {
    new Upload(bytes, {
      endpoint: `${endpoint}/files/`, chunkSize: part, uploadDataDuringCreation: true, storeFingerprintForResuming: false,
      metadata: {filename: 'letter.docx',
        filetype: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'},
      onError: reject, onSuccess: resolve,
    }).start();
  });
}

async function google() {
  const {GoogleGenAI} = require('@google/genai');
  const client = new GoogleGenAI({apiKey: 'lab', httpOptions: {baseUrl: endpoint}});
  const {uri} = await client.files.upload({file, config: {mimeType: 'text/plain'}});
  if (!uri) throw new Error('the upload failed');
}

({s3, azure, tus, google})[service]();
