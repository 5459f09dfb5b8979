// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { LotRecord } from './api/types';
import { checkLot, misdrawn } from './lotTicket';

/** Tickets computed with another implementation of BLAKE2b (Python's hashlib). */
const RECORD: LotRecord = {
  seed: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  domain: 'tongping.venue-lot.v1',
  candidates: [
    { position: 1, center_id: 'lanzhou', ticket: 'c14c60070bc653c2c5effc6935652fb3faeb343f4c4022b238fedc70d1cd0278' },
    { position: 1, center_id: 'tianshui', ticket: '6e76dfc449124cdfb8805ae0ec470ad87fe6add2114557ffbe057d40705e8d26' },
    { position: 1, center_id: 'jiuquan', ticket: '1969f984e687e70b499c1785a36a29d6cd36a15c1c0078b6d53e7fe78c001d40' },
    { position: 2, center_id: 'lanzhou', ticket: '57bea1d3125e2310c707d78cbaa2c20123fcb0f0e53a0c320ae88a6f08e1609f' },
    { position: 2, center_id: 'tianshui', ticket: '005df6f52f5f6931422285a7cacb340eb16f7fabee921a069be483757c2f0266' },
  ],
  chosen: [
    { position: 1, center_id: 'jiuquan' },
    { position: 2, center_id: 'tianshui' },
  ],
};

describe('checkLot', () => {
  it('record__as_drawn__holds', async () => {
    expect(await checkLot(RECORD)).toEqual({ wrong: [], misdrawn: [] });
  });

  it('record__another_seed__every_ticket_is_wrong', async () => {
    const other = { ...RECORD, seed: 'ff'.repeat(32) };
    expect((await checkLot(other)).wrong).toHaveLength(RECORD.candidates.length);
  });

  it('record__another_winner__is_named', async () => {
    const loser = RECORD.candidates.find((c) => c.position === 1 && c.center_id !== RECORD.chosen[0]?.center_id);
    const forged = { ...RECORD, chosen: [{ position: 1, center_id: loser?.center_id ?? '' }, ...RECORD.chosen.slice(1)] };
    expect(misdrawn(forged)).toEqual([1]);
    expect((await checkLot(forged)).misdrawn).toEqual([1]);
  });
});
