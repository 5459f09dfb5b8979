import { describe, expect, it } from 'vitest';
import { enrolmentOf } from './fragment';

describe('enrolmentOf', () => {
  it('fragment__of_a_link__gives_seat_and_code', () => {
    expect(enrolmentOf('#seat=lanzhou-r1-s01&code=ABCD2345')).toEqual({ seat: 'lanzhou-r1-s01', code: 'ABCD2345' });
  });
  it('fragment__incomplete_or_strange__gives_nothing', () => {
    for (const hash of ['', '#', '#seat=lanzhou-r1-s01', '#code=A', '#seat=a b&code=A', `#seat=${'a'.repeat(65)}&code=A`]) {
      expect(enrolmentOf(hash), hash).toBeNull();
    }
  });
});
