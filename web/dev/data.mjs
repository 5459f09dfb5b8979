// Made-up data in the shapes of docs/interfaces.md, for looking at the pages. Never part of a build.
import { createHash, randomBytes } from 'node:crypto';
import blake from './lot.mjs';

const HOUR = 3_600_000;
const SLOT = HOUR / 2;
export const now = () => Date.now();
const slotNow = Math.floor(Date.now() / SLOT) * SLOT;

const sites = [
  ['lanzhou', '兰州', '甘肃省公共资源交易中心（兰州）', '兰州市'],
  ['tianshui', '天水', '天水市公共资源交易中心', '天水市'],
  ['jiuquan', '酒泉', '酒泉市公共资源交易中心', '酒泉市'],
];
export const centers = sites.map(([id, city, name, district], n) => ({
  id,
  name,
  city,
  district,
  longitude: 103 + n,
  latitude: 36,
  node: { state: n === 2 ? 'down' : 'up', since_at: now() - 5 * HOUR },
  rooms: [1, 2].map((r) => ({
    id: `${id}-r${r}`,
    name: `第${'一二'[r - 1]}评标室`,
    seats: [1, 2, 3, 4].map((s) => ({ id: `${id}-r${r}-s0${s}`, name: `${r}-${s}号机位` })),
  })),
}));
export const specialties = [
  ['A01', '房屋建筑工程施工'], ['A02', '市政公用工程施工'], ['A04', '公路工程施工'], ['A08', '水利水电工程施工'],
  ['B03', '工程造价'], ['B07', '经济财务'], ['C01', '信息系统集成'], ['C05', '医疗设备'],
].map(([code, name], n) => ({ code, name, parent: code[0], cities: sites.map(([, city], m) => ({ city, count: 40 + n * 37 + m * 11 })) }));
export const systems = [{ id: 'gansu-ets', name: '甘肃省电子交易系统' }];
export const users = {
  agency: { id: 'usr_agency', name: 'agency', display: '甘肃陇原招标代理有限公司', role: 'agency', agency_code: 'A620001' },
  'staff-lanzhou': { id: 'usr_s1', name: 'staff-lanzhou', display: '兰州中心值守', role: 'staff', center_id: 'lanzhou' },
  'staff-tianshui': { id: 'usr_s2', name: 'staff-tianshui', display: '天水中心值守', role: 'staff', center_id: 'tianshui' },
  regulator: { id: 'usr_r', name: 'regulator', display: '省住建厅监管处', role: 'regulator' },
  operator: { id: 'usr_o', name: 'operator', display: '平台运维', role: 'operator' },
};
export const policy = {
  pack: '甘肃省远程异地评标',
  earliest_draw_before_deadline_ms: 12 * HOUR,
  hold_ms: 4 * HOUR,
  reply_window_ms: SLOT,
  slot_ms: SLOT,
  sources: {
    earliest_draw_before_deadline: '甘肃省远程异地评标操作手册 一.3.(1)：抽取开始时间应当不早于投标截止时间前半天',
    committee_minimum: '《中华人民共和国招标投标法》第三十七条',
  },
};

const agency = { code: 'A620001', display: '甘肃陇原招标代理有限公司' };
const lotNames = [
  ['兰州新区综合文化中心施工总承包一标段', 'housing'],
  ['国道312线天水段改扩建工程施工二标段', 'transport'],
  ['酒泉市城区供热管网改造工程监理', 'housing'],
  ['引洮供水二期配套工程设备采购', 'water'],
  ['省人民医院影像设备采购及安装', 'health'],
  ['全省政务云平台二期建设项目', 'it'],
  ['天水市麦积区老旧小区改造设计', 'housing'],
  ['酒泉职业技术大学实训基地施工', 'housing'],
];
export const lots = lotNames.map(([name, industry], n) => ({
  id: `lot_${n}`,
  code: `GS2026-FJ-0${n + 31}-01`,
  name,
  project_code: `E6200001${n + 2311}`,
  industry,
  trading_system_id: 'gansu-ets',
  bid_deadline_at: slotNow + (n + 1) * HOUR,
  remote: true,
  agency,
  state: 'registered',
}));

const need = (specialty, count) => ({ specialty, count, name: specialties.find((s) => s.code === specialty)?.name ?? specialty });
function venue(center_id, main, experts, state = 'confirmed', extra = {}) {
  const center = centers.find((c) => c.id === center_id);
  const count = experts.reduce((n, e) => n + e.count, 0);
  const room = center.rooms[main ? 0 : 1];
  const seats = state === 'refused' ? [] : room.seats.slice(0, count).map((s) => ({ ...s, room_id: room.id }));
  return { center_id, center_name: center.name, main, state, room_ids: [room.id], seats, representatives: main ? 1 : 0, experts, ...extra };
}
const act = (ago_ms, name, actor, data = {}) => ({ at: now() - ago_ms, act: name, actor_display: actor, text_key: `timeline.${name}`, data });
const A = agency.display;

function withExperts(venues, inCount) {
  let n = 0;
  for (const v of venues) for (const s of v.seats) {
    n += 1;
    if (n <= inCount) s.expert = { label: `专家 ${n}`, handle: `h_${randomBytes(16).toString('base64url')}`, state: 'in', since_at: now() - (9 - n) * 180_000 };
  }
  return venues;
}
function drawOf(venues, accepted, state) {
  let left = accepted;
  let n = 0;
  const cells = [];
  const members = [];
  for (const v of venues) for (const e of v.experts) {
    const a = Math.min(left, e.count);
    left -= a;
    cells.push({ venue: v.center_id, specialty: e.specialty, needed: e.count, accepted: a, waiting: e.count - a });
    for (let i = 0; i < e.count; i += 1) {
      n += 1;
      members.push({ handle: `h_${randomBytes(16).toString('base64url')}`, venue: v.center_id, specialty: e.specialty, state: i < a ? 'accepted' : 'invited', label: i < a ? `专家 ${n}` : '' });
    }
  }
  members.push({ handle: 'h_gone', venue: venues[0].center_id, specialty: venues[0].experts[0].specialty, state: 'declined', label: '' });
  return { draw_id: 'drw_1', opens_at: now() - HOUR, state, needed: n, accepted, declined: 2, waiting: n - accepted, rounds: 2, cells, members };
}
const seed = createHash('sha256').update('seed').digest();
const lotRecord = () => {
  const domain = 'tongping.venue-lot.v1';
  const candidates = ['tianshui', 'jiuquan'].map((center_id) => ({ position: 1, center_id, ticket: blake(seed, domain, 1, center_id) }));
  const best = [...candidates].sort((a, b) => (a.ticket < b.ticket ? -1 : 1))[0];
  return { seed: seed.toString('hex'), domain, candidates, chosen: [{ position: 1, center_id: best.center_id }] };
};
const standard = (state) => [venue('lanzhou', true, [need('A01', 2), need('B03', 1)], state), venue('tianshui', false, [need('A01', 1), need('B07', 1)], state)];
const history = (upTo) =>
  [
    act(9 * HOUR, 'session.request', A),
    act(8 * HOUR, 'session.confirm', '兰州中心值守', { center_id: 'lanzhou' }),
    act(7.6 * HOUR, 'session.confirm', '天水中心值守', { center_id: 'tianshui' }),
    act(6 * HOUR, 'session.draw', A),
    act(5.5 * HOUR, 'session.draw_complete', 'draw'),
    act(5.4 * HOUR, 'list.receipt', 'trading:gansu-ets'),
    act(0.9 * HOUR, 'session.open_entry', '兰州中心值守'),
    act(0.8 * HOUR, 'seat.entered', 'node:lanzhou', { center_id: 'lanzhou', seat_id: 'lanzhou-r1-s01', label: '专家 1' }),
    act(0.5 * HOUR, 'session.start', '兰州中心值守'),
  ].slice(0, upTo);

let serial = 0;
export function make(lot, state, offset, fields) {
  serial += 1;
  const session = {
    id: `ses_${serial}demo`, version: serial + 3, state, lot, start_at: slotNow + offset * HOUR, end_at: slotNow + (offset + 6) * HOUR, choice: 'lot',
    venues: standard('confirmed'), draw_opens_at: lot.bid_deadline_at - 12 * HOUR, draw: null, delivery: null, entry: { expected: 5, present: 0 }, timeline: [], actions: [], ...fields,
  };
  lot.session_id = session.id;
  lot.state = state;
  return session;
}
const delivered = { state: 'delivered', tries: 2, delivered_at: now() - 5.4 * HOUR };
const full = (n) => withExperts(standard('confirmed'), n);
export const sessions = [
  make(lots[0], 'evaluating', -1, { venues: full(5), draw: drawOf(standard(), 5, 'complete'), delivery: delivered, entry: { expected: 5, present: 5 }, lot_record: lotRecord(), timeline: history(9) }),
  make(lots[1], 'entry', 0.5, { venues: full(3), draw: drawOf(standard(), 5, 'complete'), delivery: delivered, entry: { expected: 5, present: 3 }, lot_record: lotRecord(), timeline: history(8) }),
  make(lots[2], 'drawing', 3, { draw: drawOf(standard(), 3, 'inviting'), lot_record: lotRecord(), timeline: history(4) }),
  make(lots[3], 'confirming', 26, { venues: [venue('lanzhou', true, [need('A08', 2), need('B03', 1)], 'confirmed'), venue('tianshui', false, [need('A08', 1), need('C01', 1)], 'held')], hold_until_at: now() + 3.4 * HOUR, timeline: history(2), lot_record: lotRecord() }),
  make(lots[4], 'choosing', 27, { venues: [venue('lanzhou', true, [need('C05', 2), need('B07', 1)], 'confirmed'), venue('tianshui', false, [need('C05', 2)], 'refused', { refusal: '第二评标室网络检修，当日不能使用' })], hold_until_at: now() + 2 * HOUR, timeline: [...history(2), act(HOUR, 'session.refuse', '天水中心值守', { center_id: 'tianshui', reason: '第二评标室网络检修，当日不能使用' })] }),
  make(lots[5], 'confirmed', 20, { draw_opens_at: now() - HOUR, timeline: history(3), lot_record: lotRecord() }),
];

export function actionsFor(session, user) {
  const s = session.state;
  const main = session.venues.find((v) => v.main)?.center_id === user.center_id;
  const own = session.venues.find((v) => v.center_id === user.center_id);
  const list = [];
  if (user.role === 'agency') {
    if (s === 'choosing') list.push('venues');
    if (s === 'confirmed') list.push('draw');
    if (['drawing', 'drawn', 'delivered', 'entry'].includes(s)) list.push('leave');
    if (!['evaluating', 'finished', 'cancelled'].includes(s)) list.push('cancel');
  } else if (user.role === 'staff') {
    if (own?.state === 'held') list.push('confirm', 'refuse');
    if (s === 'delivered' && main) list.push('open-entry');
    if (s === 'entry' && main) list.push('start');
    if (s === 'evaluating' && main) list.push('finish');
    if (['delivered', 'entry'].includes(s)) list.push('leave');
  }
  return list;
}
export function todosFor(user) {
  const todo = (kind, session, title, ago) => ({ id: `todo_${kind}${session?.id ?? ''}`, kind, session_id: session?.id, title, created_at: now() - ago * 60_000, done_at: null });
  const [evaluating, entry, , confirming, choosing, confirmed] = sessions;
  if (user.role === 'agency') return [todo('choose_venues', choosing, `${choosing.lot.name}：副场被退回，请重新选择`, 62), todo('open_draw', confirmed, `${confirmed.lot.name}：场地已全部确认，可以开始组建`, 190)].filter((x) => x.session_id !== confirmed.id || confirmed.state === 'confirmed');
  if (user.role === 'staff') {
    const list = [];
    if (user.center_id === 'tianshui' && confirming.venues[1].state === 'held') list.push(todo('confirm_venue', confirming, `${confirming.lot.name}：请确认场地机位`, 34));
    if (user.center_id === 'lanzhou') list.push(todo('open_entry', entry, `${entry.lot.name}：名单已送达，可以开放入场`, 20));
    list.push(todo('matter', evaluating, `${evaluating.lot.name}：监管部门提出事项`, 6));
    return list;
  }
  if (user.role === 'operator') return [todo('approve_registration', null, '省交通运输厅监管人员注册待批准', 12)];
  return [];
}
export function feedsOf(session, user) {
  const list = [];
  for (const v of session.venues) {
    if (user.role === 'staff' && v.center_id !== user.center_id) continue;
    const center = centers.find((c) => c.id === v.center_id);
    for (const room of center.rooms.filter((r) => v.room_ids.includes(r.id))) {
      const base = { center_id: v.center_id, center_name: v.center_name, room_id: room.id, room_name: room.name };
      list.push({ feed_id: `${room.id}-env`, kind: 'room', ...base, state: 'live' });
      for (const s of v.seats.filter((x) => x.room_id === room.id)) {
        const seat = { seat_id: s.id, seat_name: s.name, ...(s.expert ? { label: s.expert.label } : {}) };
        list.push({ feed_id: `${s.id}-cam`, kind: 'camera', ...base, ...seat, state: 'idle' }, { feed_id: `${s.id}-desk`, kind: 'desktop', ...base, ...seat, state: 'idle' });
      }
    }
  }
  return list;
}
export const matters = [
  { id: 'mat_1', session_id: sessions[0].id, center_id: 'tianshui', feed_id: 'tianshui-r2-s01-cam', text: '二号评标室 2-1 号机位摄像头角度偏低，看不到桌面，请调整。', state: 'open', raised_at: now() - 360_000, raised_by: '省住建厅监管处', replies: [{ by: '天水中心值守', at: now() - 200_000, text: '收到，正在现场调整。' }] },
];
export const nodes = () => centers.map((c, n) => ({
  center_id: c.id, center_name: c.name, state: c.node.state, since_at: c.node.since_at, round_trip_ms: 3 + n * 14 + Math.round(Math.random() * 6), clock_offset_ms: n * 7 - 3, outbox_count: n * 2, media_up: n !== 2, disk_free_bytes: 812e9 - n * 3e11, load_1min: 0.42 + n / 5, terminal_count: 4 - n, version: '0.1.0', enrolled: true,
  feeds: n === 2 ? [] : c.rooms.slice(0, 1).flatMap((r) => [{ feed_id: `${r.id}-env`, kind: 'room', state: 'live', viewer_count: 2, detail: '' }, { feed_id: `${r.seats[0].id}-cam`, kind: 'camera', state: 'idle', viewer_count: 0, detail: '' }, { feed_id: `${r.seats[0].id}-desk`, kind: 'desktop', state: n ? 'failed' : 'live', viewer_count: n ? 0 : 1, detail: n ? '无信号' : '' }]),
}));
export const services = () => ({
  draw: { state: 'up', gateway: { ok: 46, waiting: 1, failed: 0 }, pool_count: 10000 }, store: { writes_per_commit: 3.41, size_bytes: 48_211_000 }, links: 2,
  pushes: [{ session_id: sessions[0].id, lot_code: lots[0].code, trading_system_id: 'gansu-ets', state: 'delivered', tries: 2, last_error: null, next_at: null }, { session_id: sessions[1].id, lot_code: lots[1].code, trading_system_id: 'gansu-ets', state: 'waiting', tries: 4, last_error: 'http.unreachable', next_at: now() + 60_000 }],
});
export const registrations = [{ id: 'usr_new', name: 'jt.wang', display: '王监管', unit: '甘肃省交通运输厅', phone: '0931-8480000', role: 'regulator', state: 'waiting', created_at: now() - 12 * 60_000 }];
const acts = ['account.login', 'session.confirm', 'draw.commit', 'seat.entered', 'feed.look', 'node.up', 'list.receipt', 'session.request'];
export const log = Array.from({ length: 180 }, (_, n) => ({ n: n + 1, at: now() - (180 - n) * 95_000, actor: n % 3 ? 'usr_agency' : 'node:lanzhou', act: acts[n % acts.length], session_id: n % 4 ? sessions[n % 6].id : null, data: { center_id: 'lanzhou' }, hash: createHash('sha256').update(`e${n}`).digest('hex') }));
