import { createRequire } from 'node:module';

const sodium = createRequire(import.meta.url)('libsodium-wrappers');
await sodium.ready;
export default function ticket(seed, domain, attempt, id) {
  const head = Buffer.alloc(2);
  head[0] = 1;
  head[1] = domain.length;
  const number = Buffer.alloc(4);
  number.writeUInt32BE(attempt);
  return Buffer.from(sodium.crypto_generichash(32, Buffer.concat([head, Buffer.from(domain), number, Buffer.from(id)]), seed)).toString('hex');
}
export const keys = sodium.crypto_box_keypair();
export const open = (sealed) => JSON.parse(Buffer.from(sodium.crypto_box_seal_open(Buffer.from(sealed, 'base64url'), keys.publicKey, keys.privateKey)).toString());
