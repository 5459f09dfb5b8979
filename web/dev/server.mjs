// A development server with made-up answers, so that every page can be looked at alone. `npm run mock`.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import * as d from './data.mjs';
import { keys, open } from './lot.mjs';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; connect-src 'self' wss: https:; img-src 'self' data: blob:; media-src 'self' blob:";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const sockets = new Set();
const tell = (type, id) => sockets.forEach((s) => s.send(JSON.stringify({ type, id })));
const items = (list) => ({ items: list, next: null });
class Refusal extends Error {
  constructor(status, code, source) {
    super(code);
    Object.assign(this, { status, code, source });
  }
}
const session = (id) => d.sessions.find((s) => s.id === id) ?? (() => { throw new Refusal(404, 'session.not_found'); })();
const shown = (s, user) => ({ ...s, actions: d.actionsFor(s, user) });
const moved = (s, state, user, act) => {
  Object.assign(s, { state, version: s.version + 1 });
  s.lot.state = state;
  s.timeline.push({ at: d.now(), act, actor_display: user.display, text_key: `timeline.${act}`, data: {} });
  tell('session', s.id);
  tell('todo');
  return shown(s, user);
};
const CALLS = {
  'GET /centers': () => items(d.centers),
  'GET /specialties': () => items(d.specialties),
  'GET /trading-systems': () => items(d.systems),
  'GET /lots': () => items(d.lots),
  'POST /lots': ({ body }) => {
    if (d.lots.some((l) => l.code === body.code)) throw new Refusal(409, 'lot.code_taken');
    const lot = { id: `lot_${d.lots.length}`, remote: true, agency: d.lots[0].agency, state: 'registered', ...body };
    d.lots.push(lot);
    return lot;
  },
  'GET /availability': () => items(d.centers.map((c) => { const free = c.rooms.flatMap((r) => r.seats.map((s) => s.id)).filter((_, n) => n % 5 !== 2); return { center_id: c.id, free_seats: free, busy_count: 8 - free.length }; })),
  'GET /sessions': ({ user }) => items(d.sessions.filter((s) => user.role !== 'staff' || s.venues.some((v) => v.center_id === user.center_id)).map((s) => ({ ...shown(s, user), timeline: undefined }))),
  'POST /sessions': ({ body, user }) => {
    const size = body.main.experts.concat(body.secondary.flatMap((v) => v.experts)).reduce((n, e) => n + e.count, 0) + body.main.tenderer_representatives;
    if (size % 2 === 0) throw new Refusal(400, 'request.committee_even', '《中华人民共和国招标投标法》第三十七条');
    const s = d.make(d.lots.find((l) => l.id === body.lot_id), 'confirming', 26, { start_at: body.start_at, end_at: body.end_at, hold_until_at: d.now() + 4 * 3600_000 });
    d.sessions.push(s);
    return shown(s, user);
  },
  'GET /sessions/:id': ({ id, user }) => shown(session(id), user),
  'POST /sessions/:id/venues': ({ id, user }) => moved(session(id), 'confirming', user, 'session.choose'),
  'POST /sessions/:id/confirm': ({ id, user }) => { const s = session(id); s.venues.find((v) => v.center_id === user.center_id).state = 'confirmed'; return moved(s, 'confirmed', user, 'session.confirm'); },
  'POST /sessions/:id/refuse': ({ id, user, body }) => { const s = session(id); Object.assign(s.venues.find((v) => v.center_id === user.center_id), { state: 'refused', refusal: body.reason, seats: [] }); return moved(s, 'choosing', user, 'session.refuse'); },
  'POST /sessions/:id/draw': ({ id, user }) => { if (session(id).draw_opens_at > d.now()) throw new Refusal(409, 'draw.too_early', d.policy.sources.earliest_draw_before_deadline); return moved(session(id), 'drawing', user, 'session.draw'); },
  'POST /sessions/:id/leave': ({ id, user }) => moved(session(id), 'drawing', user, 'draw.leave'),
  'POST /sessions/:id/start': () => { throw new Refusal(409, 'start.not_all_in'); },
  'POST /sessions/:id/finish': ({ id, user }) => moved(session(id), 'finished', user, 'session.finish'),
  'POST /sessions/:id/cancel': ({ id, user }) => moved(session(id), 'cancelled', user, 'session.cancel'),
  'GET /sessions/:id/feeds': ({ id, user }) => items(d.feedsOf(session(id), user)),
  'GET /sessions/:id/matters': ({ id }) => items(d.matters.filter((m) => m.session_id === id)),
  'POST /sessions/:id/matters': ({ id, body, user }) => { const m = { id: `mat_${d.matters.length + 1}`, session_id: id, state: 'open', raised_at: d.now(), raised_by: user.display, replies: [], ...body }; d.matters.push(m); tell('matter', m.id); return m; },
  'POST /matters/:id/replies': ({ id, body, user }) => { const m = d.matters.find((x) => x.id === id); m.replies.push({ by: user.display, at: d.now(), text: body.text }); tell('matter', id); return m; },
  'POST /matters/:id/close': ({ id }) => { const m = d.matters.find((x) => x.id === id); m.state = 'closed'; tell('matter', id); return m; },
  'POST /feeds/:id/ticket': () => ({ ticket: 'demo', expires_at: d.now() + 60_000 }),
  'GET /todos': ({ user }) => items(d.todosFor(user)),
  'GET /nodes': () => items(d.nodes()),
  'POST /nodes/:id/enrolment': () => ({ code: 'K7QM-4VXD-92HC', expires_at: d.now() + 3600_000 }),
  'GET /services': d.services,
  'GET /registrations': () => items(d.registrations),
  'POST /registrations/:id/approve': ({ id }) => void d.registrations.splice(d.registrations.findIndex((r) => r.id === id), 1),
  'GET /log': ({ query }) => items(d.log.filter((e) => e.n > Number(query.get('after') ?? 0) && (!query.get('session_id') || e.session_id === query.get('session_id'))).slice(0, 100)),
  'GET /log/head': () => ({ n: d.log.at(-1).n, hash: d.log.at(-1).hash }),
};

const seat = { enrolled: false, phase: 'entry', login: null, link: 'up', none: false };
function terminalState() {
  const s = d.sessions[1];
  const present = s.venues.flatMap((v) => v.seats.filter((x) => x.expert && x.id !== 'lanzhou-r1-s03').map((x) => ({ label: x.expert.label, center_id: v.center_id, seat_id: x.id, since_at: x.expert.since_at })));
  if (seat.login) present.push({ label: seat.login.label, center_id: 'lanzhou', seat_id: 'lanzhou-r1-s03', since_at: seat.login.since_at });
  return {
    seat: { id: 'lanzhou-r1-s03', name: '1-3号机位', room_name: '第一评标室', center_name: d.centers[0].name }, now_at: d.now(), link: seat.link, draw_seal_public: Buffer.from(keys.publicKey).toString('base64url'), login: seat.login,
    session: seat.none ? null : { session_id: s.id, phase: seat.phase, lot_code: s.lot.code, lot_name: s.lot.name, start_at: s.start_at, end_at: s.end_at, main_venue: true, venues: s.venues.map((v) => ({ center_id: v.center_id, name: v.center_name, main_venue: v.main, expert_count: v.experts.reduce((n, e) => n + e.count, 0) })), present, expected_count: 5, started_at: seat.phase === 'evaluating' ? d.now() - 754_000 : null },
  };
}
const TERMINAL = {
  'GET /state': () => { if (!seat.enrolled) throw new Refusal(401, 'seat.not_enrolled'); return terminalState(); },
  'POST /enrol': () => void (seat.enrolled = true),
  'POST /login': ({ body }) => { if (open(body.sealed).code !== '123456') throw new Refusal(403, 'login.refused'); seat.login = { label: '专家 3', since_at: d.now() }; return { label: '专家 3' }; },
  'POST /logout': () => void (seat.login = null),
  'POST /help': () => undefined,
  'POST /set': ({ body }) => void Object.assign(seat, body),
};

function route(table, method, path) {
  for (const [key, call] of Object.entries(table)) {
    const [m, pattern] = key.split(' ');
    const match = m === method && new RegExp(`^${pattern.replace(':id', '([^/]+)')}$`).exec(path);
    if (match) return { call, id: decodeURIComponent(match[1] ?? '') };
  }
  throw new Refusal(404, 'http.not_found');
}
async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return text.startsWith('{') ? JSON.parse(text) : text;
}
function answerApi(request, url, body) {
  const path = url.pathname.replace(/^\/api\/(v1|terminal)/, '');
  if (url.pathname.startsWith('/api/terminal')) {
    const { call } = route(TERMINAL, request.method, path);
    return call({ body });
  }
  const user = d.users[/tp_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''];
  if (path === '/login') {
    const found = d.users[body.name];
    if (!found || body.password !== 'demo') throw new Refusal(403, 'login.refused');
    return { user: found, csrf: 'c', cookie: `tp_session=${found.name}; Path=/; HttpOnly` };
  }
  if (path === '/registrations' && request.method === 'POST') return undefined;
  if (!user) throw new Refusal(401, 'login.required');
  if (path === '/logout') return { cookie: 'tp_session=; Path=/; Max-Age=0' };
  if (path === '/me') return { user, csrf: 'c', now_at: d.now(), policy: d.policy };
  const { call, id } = route(CALLS, request.method, path);
  return call({ user, id, body, query: url.searchParams });
}
async function answerFile(url, response) {
  const terminal = url.pathname.startsWith('/terminal/');
  const folder = join(HERE, terminal ? 'terminal' : 'console', 'dist');
  const inside = normalize(terminal ? url.pathname.slice(9) : url.pathname);
  const path = extname(inside) ? join(folder, inside) : join(folder, 'index.html');
  const data = await readFile(path);
  response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP });
  response.end(data);
}
const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  try {
    if (!url.pathname.startsWith('/api/')) return await answerFile(url, response);
    const answer = answerApi(request, url, await bodyOf(request));
    const headers = { 'Content-Type': 'application/json' };
    if (answer?.cookie) headers['Set-Cookie'] = answer.cookie;
    response.writeHead(answer === undefined ? 204 : 200, headers);
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  } catch (error) {
    const status = error.status ?? (error.code === 'ENOENT' ? 404 : 500);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: { code: error.code ?? 'server.error', message: error.message, ...(error.source ? { source: error.source } : {}) } }));
  }
});
const upgrade = new WebSocketServer({ server });
upgrade.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});
server.listen(Number(process.env.PORT ?? 8899), '127.0.0.1', () => console.log(`ready port=${server.address().port}`));
