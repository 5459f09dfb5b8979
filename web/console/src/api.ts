import { makeHttp, type Query } from '@tongping/shared/api/http';
import type {
  Center,
  CenterAvailability,
  Feed,
  List,
  LogEntry,
  Lot,
  LotDraft,
  Matter,
  Me,
  NodeHealth,
  Registration,
  Services,
  Session,
  SessionRequest,
  Specialty,
  Ticket,
  Todo,
  TradingSystem,
  User,
  VenuesRequest,
} from '@tongping/shared/api/types';

let csrf = '';
let onSignedOut: () => void = () => undefined;

export function setCsrf(value: string): void {
  csrf = value;
}
export function getCsrf(): string {
  return csrf;
}
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

const http = makeHttp({ base: '/api/v1', csrf: () => csrf, signedOut: () => onSignedOut() });
const id = encodeURIComponent;

/** A list to its end, within bounds: the pages show whole lists of a session's size, never the province's history. */
async function whole<T>(path: string, query: Query = {}, most = 1000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  do {
    const part: List<T> = await http.get(path, { ...query, cursor });
    items.push(...part.items);
    cursor = part.next;
  } while (cursor && items.length < most);
  return items;
}

export const api = {
  login: (name: string, password: string) => http.post<{ user: User; csrf: string }>('/login', { name, password }),
  logout: () => http.post<void>('/logout'),
  me: () => http.get<Me>('/me'),
  register: (body: { name: string; password: string; display: string; unit: string; phone: string; role: 'regulator' }) =>
    http.post<void>('/registrations', body),
  registrations: () => whole<Registration>('/registrations'),
  approveRegistration: (r: string) => http.post<void>(`/registrations/${id(r)}/approve`),
  refuseRegistration: (r: string, reason: string) => http.post<void>(`/registrations/${id(r)}/refuse`, { reason }),

  centers: () => whole<Center>('/centers'),
  specialties: async () => {
    const answer = await http.get<{ items?: Specialty[]; specialties?: Specialty[] }>('/specialties');
    return answer.items ?? answer.specialties ?? [];
  },
  tradingSystems: () => whole<TradingSystem>('/trading-systems'),
  lots: () => whole<Lot>('/lots'),
  addLot: (lot: LotDraft, key: string) => http.post<Lot>('/lots', lot, key),
  availability: (start_at: number, end_at: number) => whole<CenterAvailability>('/availability', { start_at, end_at }),

  sessions: (query: { state?: string; text?: string } = {}) => whole<Session>('/sessions', query),
  session: (s: string) => http.get<Session>(`/sessions/${id(s)}`),
  addSession: (request: SessionRequest, key: string) => http.post<Session>('/sessions', request, key),
  chooseVenues: (s: string, request: VenuesRequest & { version: number }) => http.post<Session>(`/sessions/${id(s)}/venues`, request),
  confirm: (s: string, version: number) => http.post<Session>(`/sessions/${id(s)}/confirm`, { version }),
  refuse: (s: string, version: number, reason: string) => http.post<Session>(`/sessions/${id(s)}/refuse`, { version, reason }),
  draw: (s: string, body: { version: number; exclude_employers: string[]; max_per_employer: number | null }) =>
    http.post<Session>(`/sessions/${id(s)}/draw`, body),
  leave: (s: string, handle: string, reason: string) => http.post<Session>(`/sessions/${id(s)}/leave`, { handle, reason }),
  openEntry: (s: string, version: number) => http.post<Session>(`/sessions/${id(s)}/open-entry`, { version }),
  start: (s: string, version: number) => http.post<Session>(`/sessions/${id(s)}/start`, { version }),
  finish: (s: string, version: number) => http.post<Session>(`/sessions/${id(s)}/finish`, { version }),
  cancel: (s: string, version: number, reason: string) => http.post<Session>(`/sessions/${id(s)}/cancel`, { version, reason }),

  todos: () => whole<Todo>('/todos'),
  feeds: (s: string) => whole<Feed>(`/sessions/${id(s)}/feeds`),
  ticket: (feed: string, session_id: string) => http.post<Ticket>(`/feeds/${id(feed)}/ticket`, { session_id }),
  matters: (s: string) => whole<Matter>(`/sessions/${id(s)}/matters`),
  raiseMatter: (s: string, body: { center_id: string; feed_id?: string; text: string }) =>
    http.post<Matter>(`/sessions/${id(s)}/matters`, body),
  replyMatter: (m: string, text: string) => http.post<Matter>(`/matters/${id(m)}/replies`, { text }),
  closeMatter: (m: string) => http.post<Matter>(`/matters/${id(m)}/close`),

  nodes: () => whole<NodeHealth>('/nodes'),
  enrolNode: (center: string) => http.post<{ code: string; expires_at: number }>(`/nodes/${id(center)}/enrolment`),
  services: () => http.get<Services>('/services'),
  log: (after: number, session_id?: string) => http.get<List<LogEntry>>('/log', { after, session_id }),
  logHead: () => http.get<{ n: number; hash: string }>('/log/head'),
};
