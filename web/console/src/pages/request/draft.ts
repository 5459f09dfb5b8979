import type { ExpertNeed, SecondaryRequest, SessionRequest, VenueChoice } from '@tongping/shared/api/types';
import { HOUR_MS, cstAt, cstDayStart, cstParts } from '@tongping/shared/format';

/** What the agency is filling in: seats and experts of one secondary venue. Ids are empty while the venue goes by lot. */
export interface SecondaryDraft {
  center_id: string;
  seat_ids: string[];
  experts: ExpertNeed[];
}

export interface Draft {
  day: string;
  start: string;
  end: string;
  main_center: string;
  room_ids: string[];
  representatives: number;
  main_experts: ExpertNeed[];
  choice: VenueChoice;
  secondary: SecondaryDraft[];
}

export const COMMITTEE_LEAST = 5;
export const SECONDARY_MOST = 8;

export function newDraft(now_at: number): Draft {
  const p = cstParts(now_at + 24 * HOUR_MS);
  return {
    day: `${p.year}-${String(p.month).padStart(2, '0')}-${String(p.day).padStart(2, '0')}`,
    start: '09:30',
    end: '17:30',
    main_center: '',
    room_ids: [],
    representatives: 1,
    main_experts: [{ specialty: '', count: 2 }],
    choice: 'lot',
    secondary: [newSecondary()],
  };
}

export function newSecondary(center_id = ''): SecondaryDraft {
  return { center_id, seat_ids: [], experts: [{ specialty: '', count: 2 }] };
}

/** "2026-11-21" and "09:30", China Standard Time; NaN when either is missing. */
export function timeOf(day: string, clock: string): number {
  const d = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  const c = /^(\d{2}):(\d{2})$/.exec(clock);
  if (!d || !c) return Number.NaN;
  return cstAt(Number(d[1]), Number(d[2]), Number(d[3]), Number(c[1]), Number(c[2]));
}

/** Every start of a slot of one day as "HH:MM"; the end of the day is written 24:00. */
export function slotClocks(slot_ms: number): string[] {
  const list: string[] = [];
  for (let at = 0; at <= 24 * HOUR_MS; at += slot_ms) {
    const minutes = at / 60_000;
    list.push(`${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`);
  }
  return list;
}

export const expertSum = (needs: ExpertNeed[]): number => needs.reduce((n, need) => n + (need.count || 0), 0);
export const startOf = (draft: Draft): number => timeOf(draft.day, draft.start);
export const endOf = (draft: Draft): number => timeOf(draft.day, draft.end);

export function expertCount(draft: Draft): number {
  return draft.secondary.reduce((n, venue) => n + expertSum(venue.experts), expertSum(draft.main_experts));
}

export function needsComplete(needs: ExpertNeed[]): boolean {
  const codes = needs.map((need) => need.specialty);
  return needs.length > 0 && needs.every((n) => n.specialty !== '' && n.count > 0) && new Set(codes).size === codes.length;
}

/** What stands against the next step, as keys of the messages; the server decides all of it again. */
export function problemsOfTime(draft: Draft, now_at: number): string[] {
  const problems: string[] = [];
  const start = startOf(draft);
  const end = endOf(draft);
  if (Number.isNaN(start) || Number.isNaN(end)) problems.push('time');
  else if (end <= start) problems.push('order');
  else if (start <= now_at) problems.push('past');
  return problems;
}

export function problemsOfMain(draft: Draft): string[] {
  const problems: string[] = [];
  if (!draft.main_center) problems.push('center');
  else if (draft.room_ids.length === 0) problems.push('room');
  return problems;
}

export function problemsOfSecondary(choice: VenueChoice, secondary: SecondaryDraft[]): string[] {
  if (secondary.length === 0) return ['secondary'];
  if (choice === 'pick' && secondary.some((v) => !v.center_id || v.seat_ids.length === 0)) return ['seats'];
  return [];
}

export function problemsOfExperts(choice: VenueChoice, secondary: SecondaryDraft[], main?: ExpertNeed[]): string[] {
  const problems: string[] = [];
  const all = [...(main ? [main] : []), ...secondary.map((v) => v.experts)];
  if (!all.every(needsComplete)) problems.push('needs');
  if (choice === 'pick' && secondary.some((v) => v.seat_ids.length !== expertSum(v.experts))) problems.push('seatsDiffer');
  return problems;
}

/** Choosing again: a new venue for each refused one, and a new main venue when that one refused. */
export function problemsOfAgain(
  choice: VenueChoice,
  secondary: SecondaryDraft[],
  refused_count: number,
  main: { main_center: string; room_ids: string[] } | null,
): string[] {
  const problems: string[] = [];
  if (main && !main.main_center) problems.push('center');
  else if (main && main.room_ids.length === 0) problems.push('room');
  if (secondary.length !== refused_count) problems.push('refusedCount');
  else if (refused_count > 0) problems.push(...problemsOfSecondary(choice, secondary), ...problemsOfExperts(choice, secondary));
  return problems;
}

export interface Committee {
  size: number;
  experts: number;
  bigEnough: boolean;
  odd: boolean;
  share: boolean;
}

/** Tendering law, article 37: at least five, odd, experts at least two thirds. */
export function committeeOf(experts: number, representatives: number): Committee {
  const size = experts + representatives;
  return {
    size,
    experts,
    bigEnough: size >= COMMITTEE_LEAST,
    odd: size % 2 === 1,
    share: size > 0 && experts * 3 >= size * 2,
  };
}

export function secondaryRequest(choice: VenueChoice, secondary: SecondaryDraft[]): SecondaryRequest[] {
  return secondary.map((venue) => ({
    ...(choice === 'pick' ? { center_id: venue.center_id, seat_ids: venue.seat_ids } : {}),
    experts: venue.experts.map(({ specialty, count }) => ({ specialty, count })),
  }));
}

export function requestOf(lot_id: string, draft: Draft): SessionRequest {
  return {
    lot_id,
    start_at: startOf(draft),
    end_at: endOf(draft),
    main: {
      center_id: draft.main_center,
      room_ids: draft.room_ids,
      tenderer_representatives: draft.representatives,
      experts: draft.main_experts.map(({ specialty, count }) => ({ specialty, count })),
    },
    choice: draft.choice,
    secondary_count: draft.secondary.length,
    secondary: secondaryRequest(draft.choice, draft.secondary),
  };
}

export function sameDay(a: number, b: number): boolean {
  return cstDayStart(a) === cstDayStart(b);
}
