// A1 to A6 through the API of the real programs, and what is refused on the way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addLot, confirmAll, loginAs, nextSlot, requestBody, SLOT_MS, temporaryProvince } from "../support/scenario.mjs";
import { User } from "../support/https.mjs";

let province, agency, agency2, regulator, operator;

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    agency = await loginAs(province, "agency");
    agency2 = await loginAs(province, "agency2");
    regulator = await loginAs(province, "regulator");
    operator = await loginAs(province, "operator");
});

after(async () => {
    for (const user of [agency, agency2, regulator, operator]) user?.close();
    await province?.remove();
});

const code = (answer) => answer.json?.error?.code;

test("A2 A4 A5: picked venues are held, confirmed by both staffs, and the draw opens", async () => {
    const lot = await addLot(agency);
    const session = await agency.post("/sessions", await requestBody(agency, lot));
    assert.equal(session.state, "confirming");
    assert.equal(session.venues.length, 2);
    assert.equal(session.venues.filter((venue) => venue.main).length, 1);
    assert.equal(session.venues[0].seats.length, 3);
    assert.equal(session.venues[1].seats.length, 2);
    const staff = await loginAs(province, "staff-tianshui");
    const todos = (await staff.get("/todos")).items;
    assert.ok(todos.some((todo) => todo.kind === "confirm_venue" && todo.session_id === session.id));
    const confirmed = await confirmAll(province, session);
    assert.equal(confirmed.state, "confirmed");
    assert.ok((await agency.get("/todos")).items.some((todo) => todo.kind === "open_draw" && todo.session_id === session.id));
    assert.ok(!(await staff.get("/todos")).items.some((todo) => todo.session_id === session.id && !todo.done_at));
    staff.close();
});

test("A3: venues by lot are drawn among all that fit, with tickets anyone can see", async () => {
    const lot = await addLot(agency);
    const start = nextSlot(Date.now() + 86_400_000);
    const session = await agency.post("/sessions", await requestBody(agency, lot, { choice: "lot", start }));
    assert.equal(session.state, "confirming");
    assert.ok(session.lot_record.candidates.length >= 2);
    const chosen = session.lot_record.chosen;
    assert.equal(chosen.length, 1);
    const smallest = [...session.lot_record.candidates].sort((a, b) => (a.ticket < b.ticket ? -1 : 1))[0];
    const first = chosen[0].center_id ?? chosen[0];
    assert.equal(first, smallest.center_id);
    assert.equal(session.venues[1].center_id, first);
});

test("A5: a refusal frees the seats and sends the agency back to choosing", async () => {
    const lot = await addLot(agency);
    const start = nextSlot(Date.now() + 2 * 86_400_000);
    const body = await requestBody(agency, lot, { start });
    const session = await agency.post("/sessions", body);
    const staff = await loginAs(province, "staff-tianshui");
    const refused = await staff.post(`/sessions/${session.id}/refuse`, { version: session.version, reason: "第二评标室设备检修" });
    assert.equal(refused.state, "choosing");
    const free = (await agency.get(`/availability?start_at=${start}&end_at=${start + SLOT_MS}`)).items.find((item) => item.center_id === "tianshui");
    assert.ok(body.secondary[0].seat_ids.every((seat) => free.free_seats.includes(seat)));
    assert.ok((await agency.get("/todos")).items.some((todo) => todo.kind === "choose_venues" && todo.session_id === session.id));
    const now = await agency.get(`/sessions/${session.id}`);
    const jiuquan = (await agency.get(`/availability?start_at=${start}&end_at=${start + SLOT_MS}`)).items.find((item) => item.center_id === "jiuquan");
    const again = await agency.post(`/sessions/${session.id}/venues`, {
        version: now.version, choice: "pick", secondary_count: 1,
        secondary: [{ ...body.secondary[0], center_id: "jiuquan", seat_ids: jiuquan.free_seats.slice(0, 2) }],
    });
    assert.equal(again.state, "confirming");
    assert.equal(again.venues.at(-1).center_id, "jiuquan");
    staff.close();
});

test("A6: the draw is refused before all confirmed and before half a day ahead of the deadline, with the article", async () => {
    const lot = await addLot(agency, { bid_deadline_at: Date.now() + 3 * 86_400_000 });
    const start = nextSlot(Date.now() + 4 * 86_400_000);
    let session = await agency.post("/sessions", await requestBody(agency, lot, { start }));
    let answer = await agency.call("POST", `/sessions/${session.id}/draw`, { version: session.version, exclude_employers: [], max_per_employer: null });
    assert.equal(answer.status, 409);
    assert.ok(["draw.not_all_confirmed", "session.wrong_state"].includes(code(answer)), answer.text);
    session = await confirmAll(province, session);
    answer = await agency.call("POST", `/sessions/${session.id}/draw`, { version: session.version, exclude_employers: [], max_per_employer: null });
    assert.equal(answer.status, 409);
    assert.equal(code(answer), "draw.too_early");
    assert.match(answer.json.error.source, /前半天/);
});

test("a committee that the law does not allow is refused with the article", async () => {
    const lot = await addLot(agency);
    const start = nextSlot(Date.now() + 5 * 86_400_000);
    const body = await requestBody(agency, lot, { start });
    const tooFew = structuredClone(body);
    tooFew.main.experts[0].count = 1;
    const even = structuredClone(body);
    even.main.tenderer_representatives = 1;
    const ownPeople = structuredClone(body);
    ownPeople.main.tenderer_representatives = 4;
    for (const each of [tooFew, even, ownPeople]) {
        const answer = await agency.call("POST", "/sessions", each);
        assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
        assert.match(code(answer), /^request\.committee_/);
        assert.match(answer.json.error.source, /三十七条/);
    }
});

test("A14: a regulator registers, waits, is approved and logs in", async () => {
    const stranger = new User(province.url, province.ca);
    const name = `watch${Date.now() % 1e8}`;
    const registration = { name, password: "Long-enough-2026", display: "天水市住建局监管员", unit: "天水市住房和城乡建设局", phone: "10000000999", role: "regulator" };
    assert.equal((await stranger.call("POST", "/registrations", registration)).status, 201);
    assert.equal((await stranger.call("POST", "/login", { name, password: registration.password })).status, 403);
    const waiting = (await operator.get("/registrations")).items.find((item) => item.name === name);
    await operator.expect("POST", `/registrations/${waiting.id}/approve`);
    const approved = await User.login(province.url, province.ca, name, registration.password);
    assert.equal((await approved.get("/me")).user.role, "regulator");
    approved.close();
    stranger.close();
});

test("each act is in the log, and its chain holds", async () => {
    const { items } = await regulator.get("/log?after=0");
    const acts = new Set(items.map((item) => item.act));
    assert.ok([...acts].some((act) => act.includes("request")), [...acts].join(" "));
    assert.ok([...acts].some((act) => act.includes("confirm")));
    assert.ok([...acts].some((act) => act.includes("refuse")));
});

test("a stale version, another agency, another role: refused and nothing changes", async () => {
    const lot = await addLot(agency);
    const start = nextSlot(Date.now() + 6 * 86_400_000);
    const session = await agency.post("/sessions", await requestBody(agency, lot, { start }));
    const staff = await loginAs(province, "staff-tianshui");
    const other = await loginAs(province, "staff-jiuquan");
    assert.equal(code(await staff.call("POST", `/sessions/${session.id}/confirm`, { version: session.version - 1 })), "session.stale");
    assert.ok([403, 404].includes((await other.call("POST", `/sessions/${session.id}/confirm`, { version: session.version })).status));
    assert.ok([403, 404].includes((await agency2.call("POST", `/sessions/${session.id}/cancel`, { version: session.version, reason: "x" })).status));
    assert.ok([403, 404].includes((await agency2.call("GET", `/sessions/${session.id}`)).status));
    assert.equal((await regulator.call("POST", `/sessions/${session.id}/confirm`, { version: session.version })).status, 403);
    assert.equal((await agency.get(`/sessions/${session.id}`)).version, session.version);
    staff.close();
    other.close();
});

test("a double submit with one key makes one session", async () => {
    const lot = await addLot(agency);
    const start = nextSlot(Date.now() + 7 * 86_400_000);
    const body = await requestBody(agency, lot, { start });
    const key = { "idempotency-key": `twice-${lot.id}` };
    const [first, second] = await Promise.all([agency.call("POST", "/sessions", body, key), agency.call("POST", "/sessions", body, key)]);
    assert.equal(first.status, 201, first.text);
    assert.equal(second.status, 201, second.text);
    assert.equal(first.json.id, second.json.id);
});
