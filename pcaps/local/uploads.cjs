// A document in parts of 4 KiB, all at once, by the vendor's own package for S3.
//   uploads.cjs ENDPOINT FILE
const {readFileSync} = require('fs');
const {Readable} = require('stream');
const {
  S3Client, CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand,
} = require('@aws-sdk/client-s3');

(async () => {
  const [endpoint, file] = process.argv.slice(2);
  const client = new S3Client({
    endpoint, region: 'lab', forcePathStyle: true,
    credentials: {accessKeyId: 'lab', secretAccessKey: 'lab'},
  });
  const place = {Bucket: 'team', Key: 'letter.docx'};
  const {UploadId} = await client.send(new CreateMultipartUploadCommand(place));
  const bytes = readFileSync(file);
  const parts = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    const piece = bytes.subarray(at, at + 4096);
    const PartNumber = parts.length + 1;
    parts.push(client.send(new UploadPartCommand({
      ...place, UploadId, PartNumber, Body: Readable.from([piece]), ContentLength: piece.length,
    })).then(({ETag}) => ({ETag, PartNumber})));
  }
  if (parts.length < 3) throw new Error(`only ${parts.length} parts`);
  await client.send(new CompleteMultipartUploadCommand({
    ...place, UploadId, MultipartUpload: {Parts: await Promise.all(parts)},
  }));
})();
