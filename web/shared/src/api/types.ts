/** The shapes of the coordinator's API (docs/interfaces.md, section 6). Times are ms since 1970 UTC. */

export type Role = 'agency' | 'staff' | 'regulator' | 'operator';

export interface User {
  id: string;
  name: string;
  display: string;
  role: Role;
  center_id?: string;
  agency_code?: string;
}

export interface Policy {
  pack: string;
  earliest_draw_before_deadline_ms: number;
  hold_ms: number;
  reply_window_ms: number;
  slot_ms: number;
  sources: Record<string, string>;
}

export interface Me {
  user: User;
  csrf: string;
  now_at: number;
  policy: Policy;
}

export interface List<T> {
  items: T[];
  next?: string | null;
}

export interface SeatRef {
  id: string;
  name: string;
}

export interface Room {
  id: string;
  name: string;
  seats: SeatRef[];
}

export interface Center {
  id: string;
  name: string;
  city: string;
  district: string;
  longitude: number;
  latitude: number;
  node: { state: 'up' | 'down'; since_at?: number | null };
  rooms: Room[];
}

export interface Specialty {
  code: string;
  name: string;
  parent?: string;
  cities: { city: string; count: number }[];
}

export interface Lot {
  id: string;
  code: string;
  name: string;
  project_code: string;
  industry: string;
  trading_system_id: string;
  bid_deadline_at: number;
  remote: boolean;
  agency: { code: string; display: string };
  session_id?: string;
  state: string;
}

export interface LotDraft {
  code: string;
  name: string;
  project_code: string;
  industry: string;
  trading_system_id: string;
  bid_deadline_at: number;
}

export interface TradingSystem {
  id: string;
  name: string;
}

export interface CenterAvailability {
  center_id: string;
  free_seats: string[];
  busy_count: number;
}

export interface ExpertNeed {
  specialty: string;
  count: number;
}

export type VenueChoice = 'lot' | 'pick';

export interface SecondaryRequest {
  center_id?: string;
  seat_ids?: string[];
  experts: ExpertNeed[];
}

export interface SessionRequest {
  lot_id: string;
  start_at: number;
  end_at: number;
  main: {
    center_id: string;
    room_ids: string[];
    tenderer_representatives: number;
    experts: ExpertNeed[];
  };
  choice: VenueChoice;
  secondary_count: number;
  secondary: SecondaryRequest[];
}

export type VenuesRequest = Pick<SessionRequest, 'choice' | 'secondary_count' | 'secondary'> & {
  /** When the main venue refused, and only then. */
  main?: { center_id: string; room_ids: string[] };
};

export type SessionState =
  | 'registered'
  | 'choosing'
  | 'confirming'
  | 'confirmed'
  | 'drawing'
  | 'drawn'
  | 'delivered'
  | 'entry'
  | 'evaluating'
  | 'finished'
  | 'cancelled';

export interface VenueSeat {
  id: string;
  name: string;
  room_id: string;
  expert?: { label: string; handle?: string; state: 'expected' | 'in'; since_at?: number };
}

export interface Venue {
  center_id: string;
  center_name: string;
  main: boolean;
  state: 'held' | 'confirmed' | 'refused';
  refusal?: string;
  room_ids: string[];
  seats: VenueSeat[];
  representatives: number;
  experts: { specialty: string; name: string; count: number }[];
}

export interface DrawCell {
  venue: string;
  specialty: string;
  needed: number;
  accepted: number;
  waiting: number;
  declined?: number;
}

export type MemberState = 'invited' | 'accepted' | 'declined' | 'silent' | 'left';

export interface DrawMember {
  handle: string;
  venue: string;
  specialty: string;
  state: MemberState;
  label: string;
}

export interface Draw {
  draw_id: string;
  opens_at?: number;
  state: string;
  needed: number;
  accepted: number;
  declined: number;
  waiting: number;
  rounds: number;
  cells: DrawCell[];
  members: DrawMember[];
}

/** One ticket for each candidate of each place; the smallest of a place wins it. */
export interface LotRecord {
  seed: string;
  domain: string;
  candidates: { position: number; center_id: string; ticket: string }[];
  chosen: { position: number; center_id: string }[];
}

export interface Delivery {
  state: 'waiting' | 'delivered';
  tries: number;
  delivered_at?: number;
  last_error?: string;
}

export interface TimelineEntry {
  at: number;
  act: string;
  actor_display?: string;
  text_key?: string;
  data?: Record<string, unknown> | null;
}

export interface Session {
  id: string;
  version: number;
  state: SessionState;
  lot: Lot;
  start_at: number;
  end_at: number;
  choice: VenueChoice;
  venues: Venue[];
  hold_until_at?: number;
  draw_opens_at?: number;
  draw?: Draw | null;
  lot_record?: LotRecord | null;
  delivery?: Delivery | null;
  entry?: { expected: number; present: number } | null;
  timeline?: TimelineEntry[];
  actions: string[];
}

export interface Todo {
  id: string;
  kind: string;
  session_id?: string;
  title: string;
  created_at: number;
  done_at?: number | null;
}

export type FeedKind = 'room' | 'camera' | 'desktop';

export interface Feed {
  feed_id: string;
  kind: FeedKind;
  center_id: string;
  center_name: string;
  room_id: string;
  room_name: string;
  seat_id?: string;
  seat_name?: string;
  label?: string;
  state: string;
}

export interface Ticket {
  ticket: string;
  expires_at: number;
}

export interface Matter {
  id: string;
  session_id: string;
  center_id: string;
  feed_id?: string;
  text: string;
  state: 'open' | 'closed';
  raised_at: number;
  raised_by: string;
  replies: { by: string; at: number; text: string }[];
}

export interface NodeHealth {
  center_id: string;
  center_name: string;
  state: 'up' | 'down';
  since_at?: number | null;
  /** From here on: what the node last said, absent before its first word. */
  round_trip_ms?: number;
  clock_offset_ms?: number;
  outbox_count?: number;
  media_up?: boolean;
  disk_free_bytes?: number;
  load_1min?: number;
  terminal_count?: number;
  version?: string;
  feeds?: { feed_id: string; kind: FeedKind; state: string; viewer_count: number; detail?: string }[];
  enrolled: boolean;
}

export interface Push {
  session_id: string;
  lot_code: string;
  trading_system_id: string;
  state: string;
  tries: number;
  last_error?: string | null;
  next_at?: number | null;
}

export interface Services {
  draw: { state: string; gateway: unknown; pool_count: number };
  store: { writes_per_commit?: number; size_bytes?: number };
  links: number;
  pushes: Push[];
}

export interface Registration {
  id: string;
  name: string;
  display: string;
  unit: string;
  phone?: string;
  role: string;
  state?: string;
  created_at?: number;
}

export interface LogEntry {
  n: number;
  at: number;
  actor: string;
  act: string;
  session_id?: string | null;
  data?: unknown;
  hash: string;
}

export interface LiveEvent {
  type: 'todo' | 'session' | 'node' | 'feed' | 'matter' | 'log' | string;
  id?: string;
}

/** The terminal's own API (docs/interfaces.md, section 4). */
export type TerminalPhase = 'prepared' | 'entry' | 'evaluating' | 'ended' | 'cancelled';

export interface TerminalState {
  seat: { id: string; name: string; room_name: string; center_name: string };
  now_at: number;
  link: 'up' | 'down';
  draw_seal_public: string;
  session: null | {
    session_id: string;
    phase: TerminalPhase;
    lot_code: string;
    lot_name: string;
    start_at: number;
    end_at: number;
    main_venue: boolean;
    venues: { center_id: string; name: string; main_venue: boolean; expert_count: number }[];
    present: { label: string; center_id: string; seat_id: string; since_at: number }[];
    expected_count: number;
    started_at?: number | null;
  };
  login: null | { label: string; since_at: number };
}
