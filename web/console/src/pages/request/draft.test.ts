import { cstAt } from '@tongping/shared/format';
import { describe, expect, it } from 'vitest';
import { committeeOf, newDraft, newSecondary, problemsOfAgain, problemsOfExperts, problemsOfMain, problemsOfSecondary, problemsOfTime, requestOf, slotClocks, timeOf } from './draft';

const NOW = cstAt(2026, 11, 21, 9, 30);

describe('draft of a request', () => {
  it('times__are_china_standard_time__and_24_00_is_the_end_of_the_day', () => {
    expect(timeOf('2026-11-22', '09:30')).toBe(cstAt(2026, 11, 22, 9, 30));
    expect(timeOf('2026-11-22', '24:00')).toBe(cstAt(2026, 11, 23));
    expect(timeOf('', '09:30')).toBeNaN();
    expect(slotClocks(1_800_000)).toHaveLength(49);
    expect(slotClocks(1_800_000).at(-1)).toBe('24:00');
  });

  it('problems_of_time__order_and_past', () => {
    const draft = newDraft(NOW);
    expect(draft.day).toBe('2026-11-22');
    expect(problemsOfTime(draft, NOW)).toEqual([]);
    expect(problemsOfTime({ ...draft, end: '09:30' }, NOW)).toEqual(['order']);
    expect(problemsOfTime({ ...draft, day: '2026-11-20' }, NOW)).toEqual(['past']);
  });

  it('problems__of_each_step', () => {
    const draft = newDraft(NOW);
    expect(problemsOfMain(draft)).toEqual(['center']);
    expect(problemsOfMain({ ...draft, main_center: 'lanzhou' })).toEqual(['room']);
    expect(problemsOfSecondary('pick', [newSecondary('tianshui')])).toEqual(['seats']);
    expect(problemsOfSecondary('lot', [newSecondary()])).toEqual([]);
    const venue = { center_id: 'tianshui', seat_ids: ['a'], experts: [{ specialty: 'A01', count: 2 }] };
    expect(problemsOfExperts('pick', [venue])).toEqual(['seatsDiffer']);
    expect(problemsOfExperts('lot', [venue], [{ specialty: '', count: 1 }])).toEqual(['needs']);
    expect(problemsOfExperts('lot', [venue], [{ specialty: 'A', count: 1 }, { specialty: 'A', count: 1 }])).toEqual(['needs']);
  });

  it('again__one_venue_for_each_refused__and_a_main_one_when_it_refused', () => {
    const venue = { center_id: '', seat_ids: [], experts: [{ specialty: 'A01', count: 2 }] };
    expect(problemsOfAgain('lot', [venue], 1, null)).toEqual([]);
    expect(problemsOfAgain('lot', [venue], 2, null)).toEqual(['refusedCount']);
    expect(problemsOfAgain('lot', [], 0, { main_center: '', room_ids: [] })).toEqual(['center']);
    expect(problemsOfAgain('lot', [], 0, { main_center: 'lanzhou', room_ids: [] })).toEqual(['room']);
    expect(problemsOfAgain('pick', [venue], 1, null)).toEqual(['seats', 'seatsDiffer']);
  });

  it('committee__five_odd_two_thirds', () => {
    expect(committeeOf(4, 1)).toMatchObject({ size: 5, bigEnough: true, odd: true, share: true });
    expect(committeeOf(3, 2)).toMatchObject({ odd: true, share: false });
    expect(committeeOf(6, 3)).toMatchObject({ share: true });
    expect(committeeOf(5, 1)).toMatchObject({ odd: false });
    expect(committeeOf(3, 0)).toMatchObject({ bigEnough: false });
  });

  it('request__by_lot__names_no_center_or_seat__by_choice_it_does', () => {
    const draft = newDraft(NOW);
    const venue = { center_id: 'tianshui', seat_ids: ['tianshui-r1-s01'], experts: [{ specialty: 'A01', count: 1, name: 'x' }] };
    const byLot = requestOf('lot_1', { ...draft, secondary: [venue] });
    expect(byLot.secondary).toEqual([{ experts: [{ specialty: 'A01', count: 1 }] }]);
    const picked = requestOf('lot_1', { ...draft, choice: 'pick', secondary: [venue] });
    expect(picked.secondary[0]).toMatchObject({ center_id: 'tianshui', seat_ids: ['tianshui-r1-s01'] });
    expect(picked.secondary_count).toBe(1);
  });
});
