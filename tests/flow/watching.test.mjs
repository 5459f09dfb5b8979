// A15, F9: who may watch what, and when; tickets, WHEP through the link, and every look in the log.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request, until } from "../support/https.mjs";
import { offerText } from "../support/offer_text.mjs";
import { acceptUntilDrawn, addLot, confirmAll, loginAs, requestBody, temporaryProvince, waitForState } from "../support/scenario.mjs";

let province, agency, main, regulator, session;

before(async () => {
    province = await temporaryProvince({ autoAccept: true, experts: 2000, media: true });
    await province.start();
    agency = await loginAs(province, "agency");
    main = await loginAs(province, "staff-lanzhou");
    regulator = await loginAs(province, "regulator");
    const lot = await addLot(agency);
    session = await confirmAll(province, await agency.post("/sessions", await requestBody(agency, lot)));
    const { version } = await agency.get(`/sessions/${session.id}`);
    await agency.post(`/sessions/${session.id}/draw`, { version, exclude_employers: [], max_per_employer: null });
    await acceptUntilDrawn(province, agency, session.id);
    session = await waitForState(agency, session.id, "delivered");
});

after(async () => {
    for (const user of [agency, main, regulator]) user?.close();
    await province?.remove();
});

const feedsOf = async (user) => (await user.get(`/sessions/${session.id}/feeds`)).items;
const ticketFor = (user, feedId) => user.call("POST", `/feeds/${feedId}/ticket`, { session_id: session.id });
const looks = async (act) => (await regulator.get(`/log?after=0&session_id=${session.id}`)).items.filter((entry) => entry.act === act);

/** The exchange as a page makes it: no cookie, the ticket is all. */
function whep(feedId, ticket, { body = offerText(), type = "application/sdp", query = "" } = {}) {
    const headers = { "content-type": type, "content-length": Buffer.byteLength(body), ...(ticket && { authorization: `Bearer ${ticket}` }) };
    return request(`${province.url}/api/v1/whep/${feedId}${query}`, { method: "POST", headers, body, ca: province.ca });
}

test("before the entry there is nothing to watch", async () => {
    const answer = await ticketFor(regulator, "lanzhou-r1-env");
    assert.equal(answer.status, 409);
    assert.equal(answer.json.error.code, "feed.not_running");
    session = await main.post(`/sessions/${session.id}/open-entry`, { version: (await main.get(`/sessions/${session.id}`)).version });
});

test("the regulator sees every room and booked seat, staff their own center's, the agency none", async () => {
    const all = await feedsOf(regulator);
    const seats = session.venues.flatMap((venue) => venue.seats);
    const rooms = new Set(seats.map((seat) => seat.room_id));
    assert.equal(all.length, rooms.size + 2 * seats.length);
    assert.ok((await feedsOf(main)).every((feed) => feed.center_id === "lanzhou"));
    assert.equal((await agency.call("GET", `/sessions/${session.id}/feeds`)).status, 403);
    assert.equal((await ticketFor(agency, "lanzhou-r1-env")).status, 403);
    assert.equal((await ticketFor(main, "tianshui-r1-env")).status, 404);
    assert.equal((await ticketFor(regulator, "jiuquan-r1-env")).status, 404);
});

test("a look from offer to end stands in the log with its viewer", async () => {
    await until("the feeds", async () => (await feedsOf(regulator)).every((feed) => ["live", "idle"].includes(feed.state)));
    const { ticket } = (await ticketFor(regulator, "tianshui-r1-env")).json;
    const answer = await whep("tianshui-r1-env", ticket, { query: "?rendition=small" });
    assert.equal(answer.status, 201, answer.text);
    assert.match(answer.headers["content-type"], /^application\/sdp/);
    assert.match(answer.text, /^v=0/);
    const [begun] = await looks("feed.look");
    assert.equal(begun.data.feed_id, "tianshui-r1-env");
    assert.equal(begun.actor, regulator.user.id);
    const again = await whep("tianshui-r1-env", ticket);
    assert.equal(again.status, 403);
    assert.equal(again.json.error.code, "ticket.used");
    const { location } = answer.headers;
    assert.ok(location.startsWith("/api/v1/whep/tianshui-r1-env/"));
    const end = () => request(`${province.url}${location}`, { method: "DELETE", ca: province.ca });
    assert.equal((await end()).status, 204);
    assert.equal((await end()).status, 204);
    const ended = await looks("feed.look_end");
    assert.equal(ended.length, 1);
    assert.equal(ended[0].data.ended_by, "viewer");
    assert.equal((await request(`${province.url}/api/v1/whep/tianshui-r1-env/look_0000000000000000000000`, { method: "DELETE", ca: province.ca })).status, 404);
});

test("no ticket, another feed's, a changed one, no SDP: refused before anything is asked of the center", async () => {
    const { ticket } = (await ticketFor(regulator, "lanzhou-r1-env")).json;
    assert.equal((await whep("lanzhou-r1-env", null)).json.error.code, "ticket.invalid");
    assert.equal((await whep("tianshui-r1-env", ticket)).json.error.code, "ticket.invalid");
    assert.equal((await whep("lanzhou-r1-env", ticket.replace(/^./, (c) => (c === "a" ? "b" : "a")))).json.error.code, "ticket.invalid");
    assert.equal((await whep("lanzhou-r1-env", ticket, { type: "application/json" })).json.error.code, "whep.not_sdp");
    assert.equal((await whep("lanzhou-r1-env", ticket, { body: "hello" })).json.error.code, "whep.bad_offer");
    assert.equal((await whep("lanzhou-r1-env", ticket, { query: "?rendition=huge" })).json.error.code, "whep.bad_rendition");
    assert.equal((await whep("lanzhou-r1-env", ticket)).status, 201);
});

test("with the center's node gone the offer fails at once, and works again when it is back", async () => {
    const node = province.programs.get("venue-tianshui");
    const first = (await ticketFor(regulator, "tianshui-r1-env")).json.ticket;
    await node.kill();
    await until("the feeds to be down", async () => (await feedsOf(regulator)).filter((feed) => feed.center_id === "tianshui").every((feed) => feed.state === "down"));
    const refused = await whep("tianshui-r1-env", first);
    assert.equal(refused.status, 502);
    assert.equal(refused.json.error.code, "link.down");
    await node.start();
    await until("a look again", async () => {
        const { ticket } = (await ticketFor(regulator, "tianshui-r1-env")).json;
        return (await whep("tianshui-r1-env", ticket)).status === 201;
    }, { everyMs: 500 });
});

test("the end of the login ends its looks", async () => {
    const second = await loginAs(province, "regulator");
    const { ticket } = (await ticketFor(second, "lanzhou-r1-s01-cam")).json;
    assert.equal((await whep("lanzhou-r1-s01-cam", ticket)).status, 201);
    const before = (await looks("feed.look_end")).length;
    await regulator.call("POST", "/logout");
    await second.call("POST", "/logout");
    regulator = await loginAs(province, "regulator");
    await until("the end in the log", async () => (await looks("feed.look_end")).length > before);
    assert.ok((await looks("feed.look_end")).some((entry) => entry.data.feed_id === "lanzhou-r1-s01-cam" && ["login_ended", "session_or_login_ended"].includes(entry.data.ended_by)));
    second.close();
});

test("the end of the session ends what is watched and is the end of watching", async () => {
    const { ticket } = (await ticketFor(regulator, "lanzhou-r1-env")).json;
    assert.equal((await whep("lanzhou-r1-env", ticket)).status, 201);
    const { version } = await agency.get(`/sessions/${session.id}`);
    await agency.post(`/sessions/${session.id}/cancel`, { version, reason: "项目终止" });
    await until("every look ended", async () => (await looks("feed.look")).length === (await looks("feed.look_end")).length);
    assert.equal((await ticketFor(regulator, "lanzhou-r1-env")).json.error.code, "feed.not_running");
});
