import sodium from 'libsodium-wrappers';
import { fromBase64Url, fromHex, toBase64Url } from './base64url';

/** What an expert types at a seat (docs/interfaces.md, "Credentials"). */
export interface Credential {
  id_number: string;
  code: string;
  session_id: string;
  seat_id: string;
  at: number;
}

const NONCE_BYTES = 16;
const KEY_BYTES = 32;

function keyBytes(text: string): Uint8Array {
  const key = /^[0-9a-f]{64}$/i.test(text) ? fromHex(text) : fromBase64Url(text);
  if (key.length !== KEY_BYTES) throw new Error('the draw service key has a wrong length');
  return key;
}

/** Seals to the draw service, so that nobody on the way (this center, the coordinator) learns the number. */
export async function sealCredential(credential: Credential, seal_public: string): Promise<string> {
  await sodium.ready;
  const key = keyBytes(seal_public);
  const plain = new TextEncoder().encode(
    JSON.stringify({
      v: 1,
      id_number: credential.id_number,
      code: credential.code,
      session_id: credential.session_id,
      seat_id: credential.seat_id,
      nonce: toBase64Url(sodium.randombytes_buf(NONCE_BYTES)),
      at: credential.at,
    }),
  );
  try {
    return toBase64Url(sodium.crypto_box_seal(plain, key));
  } finally {
    sodium.memzero(plain);
  }
}

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS = '10X98765432';

/** GB 11643: 17 digits and a check character. A typing slip is caught before anything is sent. */
export function idNumberLooksRight(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text)) return false;
  const sum = ID_WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  return ID_CHECKS[sum % 11] === text[17];
}
