// A whole session at the nodes: the true coordinator, tp-draw, tp-media; terminals without a browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { acceptUntilDrawn, addLot, confirmAll, everyoneLogsIn, loginAs, requestBody, temporaryProvince, Terminal, waitForState } from "../support/scenario.mjs";
import { until } from "../support/https.mjs";

let province, agency, operator, staff, session, seats;

const node = async (id) => (await operator.get("/nodes")).items.find((each) => each.center_id === id);
const seat = async (id) => new Terminal(province, id);

before(async () => {
    province = await temporaryProvince({ media: true });
    await province.start();
    agency = await loginAs(province, "agency");
    operator = await loginAs(province, "operator");
    staff = await loginAs(province, "staff-lanzhou");
});

after(async () => {
    for (const user of [agency, operator, staff]) user?.close();
    await province?.remove();
});

test("the nodes are enrolled, up, and their feeds are ready", async () => {
    for (const id of ["lanzhou", "tianshui", "jiuquan"]) {
        const seen = await until(`${id} with media`, async () => {
            const now = await node(id);
            return now.state === "up" && now.media_up && now.feeds.length === 18 && now.feeds.every((feed) => ["idle", "live"].includes(feed.state)) && now;
        }, { limitMs: 60_000 });
        assert.equal(seen.enrolled, true);
        assert.ok(seen.disk_free_bytes > 1e6);
        assert.ok(Math.abs(seen.clock_offset_ms) < 1000);
    }
});

test("the plan reaches the seats when the committee is drawn, entry opens them", async () => {
    const lot = await addLot(agency);
    session = await agency.post("/sessions", await requestBody(agency, lot));
    await confirmAll(province, session);
    const now = await agency.get(`/sessions/${session.id}`);
    await agency.post(`/sessions/${session.id}/draw`, { version: now.version, exclude_employers: [], max_per_employer: null });
    await acceptUntilDrawn(province, agency, session.id);
    session = await waitForState(agency, session.id, "delivered");
    seats = session.venues.flatMap((venue) => venue.seats.map((each) => each.id));
    const terminal = await (await seat(seats[0])).enrol();
    const state = await until("the plan", async () => {
        const seen = await terminal.state();
        return seen.session && seen;
    });
    assert.equal(state.session.phase, "prepared");
    assert.equal(state.session.lot_code, lot.code ?? state.session.lot_code);
    assert.equal(state.session.expected_count, 5);
    const opened = await staff.get(`/sessions/${session.id}`);
    await staff.post(`/sessions/${session.id}/open-entry`, { version: opened.version });
    await until("entry", async () => (await terminal.state()).session.phase === "entry");
});

test("a wrong number is refused; the right ones log in and are seen at the coordinator", async () => {
    const terminal = await (await seat(seats[0])).enrol();
    const refused = await terminal.login("620102199001010011", "000000");
    assert.deepEqual([refused.status, refused.json.error.code], [403, "login.refused"]);
    assert.equal(await everyoneLogsIn(province, agency, session.id), 5);
    const entered = await until("all in", async () => {
        const now = await agency.get(`/sessions/${session.id}`);
        return now.entry.present === 5 && now;
    });
    assert.equal(entered.entry.expected, 5);
});

test("kill -9 of a node: it comes back with its session and logins, and the session starts", async () => {
    await province.programs.get("venue-lanzhou").kill();
    await until("seen as down", async () => (await node("lanzhou")).state === "down");
    await province.programs.get("venue-lanzhou").start();
    await until("seen as up", async () => (await node("lanzhou")).state === "up");
    const now = await staff.get(`/sessions/${session.id}`);
    assert.equal(now.entry.present, 5);
    await staff.post(`/sessions/${session.id}/start`, { version: now.version });
    const free = session.venues[0].seats.at(-1).id;
    const terminal = await (await seat(free)).enrol();
    const state = await until("evaluating", async () => {
        const seen = await terminal.state();
        return seen.session?.phase === "evaluating" && seen.session.started_at && seen;
    });
    assert.ok(state.session.present.length >= 4);
});

test("kill -9 of the coordinator: terminals keep the session, the link returns", async () => {
    const terminal = await (await seat(session.venues[1].seats[0].id)).enrol();
    await province.programs.get("coordinator").kill();
    await until("link down", async () => (await terminal.state()).link === "down");
    assert.equal((await terminal.state()).session.phase, "evaluating");
    assert.equal((await terminal.call("POST", "/help", {})).status, 204);
    await province.programs.get("coordinator").start();
    await until("link up", async () => (await terminal.state()).link === "up");
    await until("nothing waits in the outbox", async () => (await node("tianshui")).outbox_count === 0 && (await node("tianshui")).state === "up");
    const seen = await staff.get(`/sessions/${session.id}`);
    assert.equal(seen.state, "evaluating");
    await staff.post(`/sessions/${session.id}/finish`, { version: seen.version });
    await until("ended", async () => (await terminal.state()).session.phase === "ended");
});
