// tp-venue through its sockets: enrolment, terminals, logins, a cut line, kills, forged words, tickets, media.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { request, until } from "../support/https.mjs";
import { OTHER_SEAT, SEAT, sendFrame, VenueCase } from "./venue_case.mjs";

const PREPARED = 1, ENTRY = 2, EVALUATING = 3, ENDED = 4;
const SESSION = "ses_1";
let venue, peer, terminal, other;
let version = 0;

const plan = (phase, session = SESSION, seats = [SEAT, OTHER_SEAT]) =>
    peer.say("plan", session, ++version, phase, "drw_1", seats.join(","));
const phaseIs = (phase) => until(`phase ${phase}`, async () => (await terminal.state()).session?.phase === phase);
const alive = (pid) => existsSync(`/proc/${pid}`);

before(async () => {
    venue = await VenueCase.make();
    peer = venue.peer;
});

after(async () => {
    await venue?.remove();
});

test("before it is enrolled it does not serve and says so", async () => {
    await assert.rejects(venue.start(), /did not start/);
    assert.match(venue.log(), /venue\.not_enrolled|key\.not_found/);
});

test("a wrong code is refused, the right one enrols, and a second time it is refused", async () => {
    await assert.rejects(venue.enrol("WRONG-CODE"), /enrol\.refused/);
    assert.match(await venue.enrol(), /enrolled lanzhou/);
    await assert.rejects(venue.enrol(), /enrol\.refused/);
});

test("it connects, tells measured status and its feeds", async () => {
    await venue.start();
    const status = await peer.event((each) => each.event === "status" && each.media_up && each.feeds.every((feed) => feed.state === "idle"));
    assert.deepEqual(status.feeds.map((feed) => [feed.id, feed.kind]), [
        ["lanzhou-r1-env", "room"],
        [`${SEAT}-cam`, "camera"], [`${SEAT}-desk`, "desktop"],
        [`${OTHER_SEAT}-cam`, "camera"], [`${OTHER_SEAT}-desk`, "desktop"],
    ]);
    assert.ok(status.disk_free > 1e6 && Math.abs(status.offset) < 1000 && status.round_trip < 1000);
});

test("it serves the terminal's pages and nothing beside them", async () => {
    const get = (path) => request(`${venue.url}${path}`, { ca: venue.ca });
    const page = await get("/terminal/");
    assert.equal(page.status, 200);
    assert.match(page.text, /<title>terminal/);
    assert.match(page.headers["content-security-policy"], /default-src/);
    assert.equal((await get("/terminal/assets/a.js")).status, 200);
    for (const path of ["/terminal/..%2fvenue.ini", "/terminal/%2e%2e/key", "/terminal/assets/b.js", "/venue.ini"]) {
        const answer = await get(path);
        assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
    }
});

test("a browser without cookie is not let in; a wrong code neither; the right one is", async () => {
    terminal = venue.terminal();
    other = venue.terminal(OTHER_SEAT);
    for (const [method, path] of [["GET", "state"], ["POST", "login"], ["POST", "logout"], ["POST", "help"]]) {
        const answer = await terminal.call(method, path, method === "POST" ? {} : undefined);
        assert.equal(answer.status, 403, path);
        assert.equal(answer.json.error.code, "seat.not_enrolled");
    }
    assert.equal((await terminal.events()).status, 403);
    assert.equal((await terminal.enrol("WRONG234")).json.error.code, "seat.refused");
    assert.equal((await terminal.call("POST", "enrol", { seat_id: "lanzhou-r1-s99", code: "ABCD2345" })).json.error.code, "seat.refused");
    const answer = await terminal.enrol();
    assert.equal(answer.status, 204);
    assert.match(answer.headers["set-cookie"][0], /HttpOnly; Secure; SameSite=Strict/);
    await other.enrol();
    const state = await terminal.state();
    assert.deepEqual(state.seat, { id: SEAT, name: "01号机位", room_name: "第一评标室", center_name: "兰州" });
    assert.equal(state.link, "up");
    assert.equal(state.session, null);
    assert.equal(state.login, null);
    assert.equal(Buffer.from(state.draw_seal_public, "base64url").length, 32);
    assert.ok(Math.abs(state.now_at - Date.now()) < 2000);
});

test("hostile bodies are refused with their codes", async () => {
    const code = async (body) => (await terminal.call("POST", "login", body)).json.error.code;
    assert.equal(await code("{"), "json.malformed");
    assert.equal(await code({ sealed: "AAAA", more: 1 }), "json.unknown_field");
    assert.equal(await code({ sealed: "!!!" }), "base64.malformed");
    assert.equal(await code({ sealed: "AAAA" }), "login.malformed");
    assert.equal((await terminal.call("POST", "login", { sealed: "A".repeat(20_000) })).json.error.code, "http.body_too_large");
});

test("a login needs a session whose entry is open", async () => {
    assert.equal((await terminal.login()).json.error.code, "login.no_session");
    const socket = await terminal.events();
    await plan(PREPARED);
    await phaseIs("prepared");
    await until("the event", () => socket.texts.includes('{"type":"state"}'));
    socket.close();
    assert.equal((await terminal.login()).json.error.code, "login.not_open");
});

test("what tp-draw refused, or did not sign for this seat, is no login", async () => {
    await plan(ENTRY);
    await phaseIs("entry");
    await peer.say("login", "refused");
    const refused = await terminal.login();
    assert.deepEqual([refused.status, refused.json.error.code], [403, "login.refused"]);
    for (const mode of ["forged", "other_seat", "other_venue", "other_draw", "other_session", "stale"]) {
        // Another seat's tries, so that the limit of one seat is not reached.
        await peer.say("login", mode);
        const answer = await (mode.startsWith("other") ? other : terminal).login();
        assert.equal(answer.json.error?.code, "login.bad_assertion", mode);
    }
    assert.equal((await terminal.state()).login, null);
    assert.equal(peer.seatEvents("entered").length, 0);
});

test("a login is told, kept for the cookie, seen by the others, and sent once", async () => {
    await peer.say("login", "ok");
    const answer = await terminal.login();
    assert.deepEqual([answer.status, answer.json], [200, { label: "专家 1" }]);
    const entered = await peer.event((each) => each.event === "seat" && each.kind === "entered");
    assert.deepEqual([entered.seat, entered.session, entered.handle], [SEAT, SESSION, `h_${SEAT}`]);
    assert.ok(entered.assertion_bytes > 50);
    assert.equal((await terminal.state()).login.label, "专家 1");
    const seen = await other.state();
    assert.equal(seen.login, null);
    assert.deepEqual(seen.session.present.map((each) => each.seat_id), [SEAT]);
    assert.equal((await terminal.login()).json.error.code, "seat.taken");
    // The page loaded again with its code keeps cookie and login.
    assert.equal((await terminal.enrol()).headers["set-cookie"], undefined);
    assert.equal((await terminal.state()).login.label, "专家 1");
});

test("who is in at other venues comes from the coordinator", async () => {
    await peer.say("view", SESSION, 1, "tianshui", "tianshui-r1-s01", "专家2");
    const state = await until("the view", async () => {
        const now = await other.state();
        return now.session.present.length === 2 && now;
    });
    assert.equal(state.session.expected_count, 5);
    assert.deepEqual(state.session.present.map((each) => each.center_id).sort(), ["lanzhou", "tianshui"]);
});

test("the line is cut: terminals keep what is there, events are delivered afterwards, once", async () => {
    const from = peer.mark;
    await peer.say("block");
    await until("link down", async () => (await terminal.state()).link === "down");
    const state = await terminal.state();
    assert.equal(state.session.phase, "entry");
    assert.equal(state.login.label, "专家 1");
    assert.deepEqual([(await other.login()).status, (await other.login()).json.error.code], [502, "link.down"]);
    assert.equal((await terminal.call("POST", "help")).status, 204);
    assert.equal((await other.call("POST", "help")).status, 204);
    await plan(EVALUATING);
    await peer.say("unblock");
    await peer.event((each) => each.event === "established", { from });
    await peer.event((each) => each.event === "seat" && each.kind === "help" && each.seat === OTHER_SEAT, { from });
    await phaseIs("evaluating");
    const helps = peer.seatEvents("help");
    assert.deepEqual(helps.map((each) => [each.seat, each.session]), [[SEAT, SESSION], [OTHER_SEAT, SESSION]]);
    assert.equal((await terminal.state()).link, "up");
});

test("a login under way when the line is cut ends at once", async () => {
    await peer.say("login", "silent");
    const from = peer.mark;
    const answer = other.login();
    await peer.event((each) => each.event === "login_call", { from });
    await peer.say("block");
    assert.equal((await answer).json.error.code, "link.down");
    await peer.say("unblock");
    await peer.event((each) => each.event === "established", { from });
});

test("a login that nobody answers times out", async () => {
    await until("link up", async () => (await other.state()).link === "up");
    const start = Date.now();
    const answer = await other.login();
    assert.deepEqual([answer.status, answer.json.error.code], [502, "login.timeout"]);
    assert.ok(Date.now() - start < 15_000);
});

test("a garbled frame from the coordinator ends the connection, and the next one works", async () => {
    const from = peer.mark;
    await peer.say("garble");
    await peer.event((each) => each.event === "established", { from });
    assert.match(venue.log(), /link\.failed .*link\.malformed/);
});

test("garbled and oversized frames towards the coordinator are refused, and the node's link stands", async () => {
    const to = { port: venue.peerPort, path: "/link", ca: venue.ca };
    const from = peer.mark;
    await sendFrame({ ...to, payload: Buffer.from([0xff, 0x00, 0xff, 0x13]) });
    await peer.event((each) => each.event === "failed" && each.code === "link.malformed", { from });
    // A Data frame of an unknown peer: seq 1, before any handshake.
    await sendFrame({ ...to, payload: Buffer.from([0x22, 0x05, 0x08, 0x01, 0x1a, 0x01, 0x78]) });
    await peer.event((each) => each.event === "failed" && each.code === "link.unauthenticated", { from });
    await sendFrame({ ...to, payload: Buffer.alloc(300_000, 1) });
    assert.equal((await terminal.state()).link, "up");
});

test("kill -9 with events not delivered: after the restart all are there, each once, and the login stands", async () => {
    await peer.say("block");
    await until("link down", async () => (await terminal.state()).link === "down");
    const before = peer.seatEvents("help").length;
    for (let i = 0; i < 25; i++) assert.equal((await terminal.call("POST", "help")).status, 204);
    const oldMedia = venue.mediaPid;
    await venue.program.kill();
    await until("tp-media ended with it", () => !alive(oldMedia));
    await peer.say("unblock");
    await venue.start();
    terminal.venue = other.venue = venue;
    await until("all events", () => peer.seatEvents("help").length >= before + 25);
    const state = await terminal.state();
    assert.equal(state.login.label, "专家 1");
    assert.equal(state.session.phase, "evaluating");
    await peer.event((each) => each.event === "status" && each.outbox === 0, { from: peer.mark });
    const ids = peer.seatEvents().map((each) => each.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(peer.seatEvents("help").length, before + 25);
});

test("kill -9 while events flow: what was answered is delivered, nothing twice", async () => {
    for (let round = 0; round < 3; round++) {
        const before = peer.seatEvents("help").length;
        let answered = 0;
        const pump = (async () => {
            for (;;) {
                const answer = await other.call("POST", "help");
                if (answer.status !== 204) throw new Error(answer.text);
                answered++;
            }
        })().catch((error) => error);
        await until("some events", () => answered > 5 + round * 7, { everyMs: 1 });
        await venue.program.kill();
        assert.match(String(await pump), /hang up|disconnected|ECONNRESET|ECONNREFUSED|EPIPE/);
        await venue.start();
        await until("the answered ones", () => peer.seatEvents("help").length >= before + answered);
        // At most the one that was in work when the kill came was kept without its answer being read.
        assert.ok(peer.seatEvents("help").length <= before + answered + 1);
        const ids = peer.seatEvents().map((each) => each.id);
        assert.equal(new Set(ids).size, ids.length);
    }
});

const offer = async (...words) => {
    const from = peer.mark;
    await peer.say(...words);
    return peer.event((each) => each.event === "whep_answer", { from });
};
const mediaUp = () => peer.event((each) => each.event === "status" && each.media_up && each.feeds.every((feed) => feed.state !== "failed"), { from: peer.mark });
const viewers = (count) => peer.event((each) => each.event === "status" && each.feeds.reduce((sum, feed) => sum + feed.viewers, 0) === count, { from: peer.mark });

test("a ticket opens its feed once, and nothing else opens it", async () => {
    await mediaUp();
    const feed = `${SEAT}-cam`;
    const answer = await offer("offer", feed, feed, "usr_1", 60_000, "sdp");
    assert.equal(answer.ok, true);
    assert.equal(answer.sdp, `answer ${feed} small`);
    assert.match(answer.viewer, /^vwr_/);
    assert.equal((await offer("replay", feed)).code, "ticket.used");
    assert.equal((await offer("replay", `${SEAT}-desk`)).code, "ticket.other_feed");
    assert.equal((await offer("forge", feed)).code, "ticket.bad");
    assert.equal((await offer("offer", feed, feed, "usr_1", -1000, "sdp")).code, "ticket.expired");
    assert.equal((await offer("offer", "lanzhou-r9-env", "lanzhou-r9-env", "usr_1", 60_000, "sdp")).code, "watching.no_feed");
    await viewers(1);
});

test("the end of a holder's login ends that holder's viewers and no others", async () => {
    const feed = "lanzhou-r1-env";
    assert.equal((await offer("offer", feed, feed, "usr_2", 60_000, "sdp")).ok, true);
    await viewers(2);
    await peer.say("end", "usr_1");
    const status = await viewers(1);
    assert.equal(status.feeds.find((each) => each.id === feed).viewers, 1);
});

test("a spent ticket stays spent after kill -9", async () => {
    await venue.program.kill();
    await venue.start();
    await mediaUp();
    assert.equal((await offer("replay", "lanzhou-r1-env")).code, "ticket.used");
});

test("tp-media is killed: feeds fail, offers are refused, it comes back by itself", async () => {
    const pid = venue.mediaPid;
    const from = peer.mark;
    process.kill(pid, "SIGKILL");
    await until("another tp-media", () => venue.mediaPid !== pid && alive(venue.mediaPid));
    await peer.event((each) => each.event === "status" && each.media_up && each.feeds.every((feed) => feed.state === "idle"), { from });
    const feed = `${SEAT}-desk`;
    assert.equal((await offer("offer", feed, feed, "usr_3", 60_000, "sdp")).ok, true);
});

test("an offer that tp-media never answers is answered in time", async () => {
    const feed = `${SEAT}-desk`;
    assert.equal((await offer("offer", feed, feed, "usr_3", 60_000, "silent")).code, "media.timeout");
});

test("a terminal that goes silent is reported, and when it comes back", async () => {
    await peer.event((each) => each.event === "seat" && each.kind === "terminal_lost" && each.seat === SEAT);
    const from = peer.mark;
    const socket = await terminal.events();
    await peer.event((each) => each.event === "seat" && each.kind === "terminal_back" && each.seat === SEAT, { from });
    assert.equal((await terminal.state()).login.label, "专家 1");
    socket.close();
});

test("a seat enrolled anew makes the old cookie worthless and ends its login", async () => {
    const second = venue.terminal();
    const from = peer.mark;
    const socket = await terminal.events();
    assert.ok((await second.enrol()).headers["set-cookie"]);
    assert.equal((await terminal.call("GET", "state")).status, 403);
    await until("the old page is closed", () => socket.closed);
    await peer.event((each) => each.event === "seat" && each.kind === "left" && each.seat === SEAT, { from });
    assert.equal((await second.state()).login, null);
    terminal = second;
});

test("logout ends the login; the end of the session ends all", async () => {
    await peer.say("login", "ok");
    assert.equal((await terminal.login()).status, 200);
    assert.equal((await terminal.call("POST", "logout")).status, 204);
    assert.equal((await terminal.state()).login, null);
    assert.equal((await terminal.call("POST", "logout")).status, 204);
    assert.equal((await terminal.login()).status, 200);
    await plan(ENDED);
    await phaseIs("ended");
    assert.equal((await terminal.state()).login, null);
    assert.equal((await terminal.login()).json.error.code, "login.not_open");
});

test("one expert does not sit at two seats", async () => {
    await plan(ENTRY, "ses_2");
    await until("the next session", async () => (await terminal.state()).session.session_id === "ses_2");
    await peer.say("login", "same_handle");
    assert.equal((await other.login()).status, 200);
    assert.equal((await terminal.login()).json.error.code, "login.already_in");
});

test("too many tries are refused until they are fewer", async () => {
    await peer.say("login", "refused");
    const codes = [];
    for (let i = 0; i < 12; i++) codes.push((await terminal.login()).json.error.code);
    assert.ok(codes.includes("login.too_many_tries"), codes.join());
    const wrong = [];
    for (let i = 0; i < 12; i++) wrong.push(await terminal.call("POST", "enrol", { seat_id: SEAT, code: `WRONG${i}23` }));
    assert.ok(wrong.some((answer) => answer.status === 429));
});

test("SIGTERM ends it and its tp-media", async () => {
    const pid = venue.mediaPid;
    assert.ok(alive(pid));
    await venue.program.stop();
    assert.equal(venue.program.child.exitCode, 0);
    assert.ok(!alive(pid));
});
