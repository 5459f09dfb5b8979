import sodium from 'libsodium-wrappers';
import type { LotRecord } from './api/types';
import { fromHex } from './base64url';

const SUITE_SODIUM = 0x01;
const TICKET_BYTES = 32;

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** BLAKE2b-256 keyed by the seed over suite, domain (with its length), attempt (32 bits, big-endian) and id. */
function ticketOf(seed: Uint8Array, domain: string, attempt: number, id: string): string {
  const text = new TextEncoder();
  const domainBytes = text.encode(domain);
  const idBytes = text.encode(id);
  const message = new Uint8Array(2 + domainBytes.length + 4 + idBytes.length);
  message.set([SUITE_SODIUM, domainBytes.length]);
  message.set(domainBytes, 2);
  new DataView(message.buffer).setUint32(2 + domainBytes.length, attempt);
  message.set(idBytes, 6 + domainBytes.length);
  return toHex(sodium.crypto_generichash(TICKET_BYTES, message, seed));
}

export interface LotCheck {
  /** Candidates whose ticket does not come out of seed and id. */
  wrong: { position: number; center_id: string }[];
  /** Places whose winner does not hold the smallest ticket. */
  misdrawn: number[];
}

/** Draws the lot again from its record, on this computer. */
export async function checkLot(record: LotRecord): Promise<LotCheck> {
  await sodium.ready;
  const seed = fromHex(record.seed);
  const wrong = record.candidates
    .filter((c) => ticketOf(seed, record.domain, c.position, c.center_id) !== c.ticket)
    .map(({ position, center_id }) => ({ position, center_id }));
  return { wrong, misdrawn: misdrawn(record) };
}

export function misdrawn(record: LotRecord): number[] {
  return record.chosen
    .filter(({ position, center_id }) => {
      const here = record.candidates.filter((c) => c.position === position).sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
      return here[0]?.center_id !== center_id;
    })
    .map(({ position }) => position);
}
