import type { Center, Session, SessionState, Venue } from '@tongping/shared/api/types';
import type { SeatCell, SeatRoom } from '@tongping/shared/components/SeatMap.vue';
import { translate, translateOr } from '@tongping/shared/i18n/index';

export const STEPS = ['choose', 'confirm', 'draw', 'deliver', 'entry', 'evaluate'] as const;

const STEP_OF: Record<SessionState, number> = {
  registered: 0,
  choosing: 0,
  confirming: 1,
  confirmed: 2,
  drawing: 2,
  drawn: 3,
  delivered: 4,
  entry: 4,
  evaluating: 5,
  finished: 6,
  cancelled: -1,
};

export function stepOf(state: SessionState): number {
  return STEP_OF[state] ?? 0;
}

/** Action names are written with hyphens here, whatever separator the server uses. */
export function actionsOf(session: Session): Set<string> {
  return new Set(session.actions.map((action) => action.replaceAll('_', '-')));
}

export function seatsBooked(venue: Venue): number {
  return venue.seats.length;
}

export function expertsOf(venue: Venue): number {
  return venue.experts.reduce((sum, need) => sum + need.count, 0);
}

export function committeeSize(session: Session): number {
  return session.venues.reduce((sum, venue) => sum + expertsOf(venue) + venue.representatives, 0);
}

function cellOf(venue: Venue, id: string, name: string): SeatCell {
  const seat = venue.seats.find((s) => s.id === id);
  if (!seat) return { id, name, tone: 'idle', title: translate('seat.idle', { id }) };
  const expert = seat.expert;
  if (!expert) {
    const tone = venue.state === 'held' ? 'held' : 'expected';
    return { id, name, tone, title: translate(`seat.${venue.state === 'held' ? 'held' : 'booked'}`, { id }) };
  }
  return {
    id,
    name,
    tone: expert.state === 'in' ? 'in' : 'expected',
    label: expert.label,
    title: translate(expert.state === 'in' ? 'seat.in' : 'seat.expected', { id, label: expert.label }),
  };
}

/** The rooms of a venue with the seats of this session among the center's others. */
export function roomsOf(venue: Venue, center: Center | undefined): SeatRoom[] {
  const used = new Set([...venue.room_ids, ...venue.seats.map((seat) => seat.room_id)]);
  if (!center) {
    return [...used].map((id) => ({
      id,
      name: id,
      seats: venue.seats.filter((s) => s.room_id === id).map((s) => cellOf(venue, s.id, s.name)),
    }));
  }
  return center.rooms
    .filter((room) => used.has(room.id))
    .map((room) => ({
      id: room.id,
      name: room.name,
      note: translate('seat.ofRoom', {
        n: venue.seats.filter((seat) => seat.room_id === room.id).length,
        all: room.seats.length,
      }),
      seats: room.seats.map((seat) => cellOf(venue, seat.id, seat.name)),
    }));
}

export function venueName(session: Session, center_id: string): string {
  return session.venues.find((venue) => venue.center_id === center_id)?.center_name ?? center_id;
}

export function specialtyName(session: Session, code: string): string {
  for (const venue of session.venues) {
    const found = venue.experts.find((need) => need.specialty === code);
    if (found?.name) return found.name;
  }
  return code;
}

/** The words for an act of the log; acts we have no words for are shown by their name. */
export function actText(key: string, data: Record<string, unknown>): string {
  return translateOr(`actText.${key.replace(/^timeline\./, '').replace(/[.-]/g, '_')}`, key.replace(/^timeline\./, ''), data);
}
