// ech_keys.mjs PUBLIC_NAME: makes a key pair for Encrypted Client Hello and prints two lines of base64:
// what NSS's selfserv takes for -X (its private key in PKCS #8, then the ECHConfigList), and the
// ECHConfigList alone, as DNS publishes it (draft-ietf-tls-esni, section 4).

import crypto from 'node:crypto';

const public_name = Buffer.from(process.argv[2]);
const pair = crypto.generateKeyPairSync('x25519');
const public_key = Buffer.from(pair.publicKey.export({format: 'jwk'}).x, 'base64url');
const private_key = Buffer.from(pair.privateKey.export({format: 'jwk'}).d, 'base64url');

const u16 = (number) => Buffer.from([number >> 8, number & 0xff]);
const with_length = (bytes) => Buffer.concat([u16(bytes.length), bytes]);

const kX25519HkdfSha256 = 0x0020, kHkdfSha256 = 0x0001, kAes128Gcm = 0x0001, kEchVersion = 0xfe0d;
const config = Buffer.concat([
  Buffer.from([7]), u16(kX25519HkdfSha256), with_length(public_key),
  with_length(Buffer.concat([u16(kHkdfSha256), u16(kAes128Gcm)])),
  Buffer.from([100, public_name.length]), public_name, u16(0),
]);
const configs = with_length(Buffer.concat([u16(kEchVersion), with_length(config)]));

// NSS wants an EC key on its own name for curve25519, not RFC 8410's form.
const der = (tag, ...parts) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x81, body.length]), body]);
};
const oid = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const integer = (value) => der(0x02, Buffer.from([value]));
const bits = der(0x03, Buffer.from([0]), public_key);
const ec_key = der(0x30, integer(1), der(0x04, private_key), der(0xa1, bits));
const algorithm = der(0x30, oid('2a8648ce3d0201'), oid('2b06010401da470f01'));
const pkcs8 = der(0x30, integer(0), algorithm, der(0x04, ec_key));

console.log(Buffer.concat([with_length(pkcs8), configs]).toString('base64'));
console.log(configs.toString('base64'));
