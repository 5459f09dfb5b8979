// @vitest-environment node
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './base64url';
import { idNumberLooksRight, sealCredential } from './sealing';

const CREDENTIAL = { id_number: '11010119900307001X', code: '123456', session_id: 'ses_a', seat_id: 'lanzhou-r1-s01', at: 1_795_000_000_000 };

describe('sealCredential', () => {
  let keys: { publicKey: Uint8Array; privateKey: Uint8Array };
  beforeAll(async () => {
    await sodium.ready;
    keys = sodium.crypto_box_keypair();
  });
  const open = (sealed: string): Record<string, unknown> =>
    JSON.parse(new TextDecoder().decode(sodium.crypto_box_seal_open(fromBase64Url(sealed), keys.publicKey, keys.privateKey))) as Record<string, unknown>;

  it('known_key__opens_to_the_form_of_the_contract', async () => {
    const opened = open(await sealCredential(CREDENTIAL, toBase64Url(keys.publicKey)));
    expect(Object.keys(opened)).toEqual(['v', 'id_number', 'code', 'session_id', 'seat_id', 'nonce', 'at']);
    expect(opened).toMatchObject({ v: 1, ...CREDENTIAL });
    expect(fromBase64Url(String(opened.nonce))).toHaveLength(16);
  });

  it('same_credential_twice__nonce_and_box_differ', async () => {
    const key = sodium.to_hex(keys.publicKey);
    const [a, b] = await Promise.all([sealCredential(CREDENTIAL, key), sealCredential(CREDENTIAL, key)]);
    expect(a).not.toBe(b);
    expect(open(a).nonce).not.toBe(open(b).nonce);
  });

  it('another_key__does_not_open', async () => {
    const other = sodium.crypto_box_keypair();
    const sealed = await sealCredential(CREDENTIAL, toBase64Url(other.publicKey));
    expect(() => open(sealed)).toThrow();
  });

  it('key_of_wrong_length__is_refused', async () => {
    await expect(sealCredential(CREDENTIAL, toBase64Url(new Uint8Array(31)))).rejects.toThrow();
    await expect(sealCredential(CREDENTIAL, 'not a key')).rejects.toThrow();
  });
});

describe('idNumberLooksRight', () => {
  it('check_digit__right_and_wrong', () => {
    expect(idNumberLooksRight('11010519491231002X')).toBe(true);
    expect(idNumberLooksRight('110105194912310021')).toBe(false);
    expect(idNumberLooksRight('11010519491231002')).toBe(false);
  });
});

describe('base64url', () => {
  it('round_trip__all_lengths__and_no_padding', () => {
    for (let n = 0; n < 70; n += 1) {
      const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) & 255);
      const text = toBase64Url(bytes);
      expect(text).not.toMatch(/[+/=]/);
      expect(fromBase64Url(text)).toEqual(bytes);
    }
    expect(() => fromBase64Url('a+b/')).toThrow();
    expect(() => fromBase64Url('abcde')).toThrow();
  });
});
