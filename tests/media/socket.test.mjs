// The real tp-media, driven through its socket: feeds, states, broken sources, garbled frames.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { MediaProcess } from "../support/media_process.mjs";
import { frame } from "../support/media_socket.mjs";
import { offerText } from "../support/offer_text.mjs";

let media, venue;
const room = { feed_id: "lanzhou-r1-env", kind: "room", source: "test:兰州 第一评标室", sound: "test:440" };
const camera = { feed_id: "lanzhou-r1-s01-cam", kind: "camera", source: "test:兰州 1号机位" };

before(async () => {
    media = await MediaProcess.start({ linger: "1s", silence: "3s", connect: "3s", check: "1s" });
    venue = await media.connect();
});

after(async () => {
    await venue?.close();
    await media?.stop();
});

test("feeds that deliver are idle until somebody watches", async () => {
    assert.equal((await venue.setFeeds([room, camera])).ok, true);
    const feed = await venue.untilFeed(room.feed_id, (each) => each.state === "idle" && each.frame_count > 0);
    assert.equal(feed.viewer_count, 0);
    assert.equal(feed.detail, "");
});

test("a source that is unknown, malformed or dead makes its feed failed, and no other", async () => {
    const broken = [
        ["unknown", "telepathy:room", "no such kind of source"],
        ["elsewhere", "x11:example.org:0", "local display"],
        ["nodisplay", "x11::4999", "no X display :4999"],
        ["nocamera", "v4l2:/dev/video99", "video99"],
        ["refused", "rtsp://127.0.0.1:1/secret-path", ""],
    ];
    const set = broken.map(([feed_id, source]) => ({ feed_id, kind: "desktop", source }));
    assert.equal((await venue.setFeeds([room, ...set])).ok, true);
    for (const [feed_id, , text] of broken) {
        const feed = await venue.untilFeed(feed_id, (each) => each.state === "failed");
        assert.ok(feed.detail.includes(text), `${feed_id}: ${feed.detail}`);
        assert.ok(feed.detail.length > 0);
        assert.ok(!feed.detail.includes("secret-path"), "an address may hold a password");
    }
    await venue.untilFeed(room.feed_id, (each) => each.state === "idle");
    const refused = await venue.offer({ viewer_id: "v1", feed_id: "nodisplay", sdp: offerText() });
    assert.equal(refused.error_code, "feed.failed");
    assert.ok(!media.log.includes("secret-path"));
});

test("a display that dies fails its feed, and the feed comes back with it", { timeout: 60_000 }, async () => {
    const start = (number) => new Promise((resolve, reject) => {
        const args = [...(number ? [`:${number}`] : []), "-displayfd", "3", "-screen", "0", "640x480x24", "-nolisten", "tcp"];
        const child = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
        child.once("error", reject);
        child.stdio[3].once("data", (text) => resolve({ child, number: String(text).trim() }));
    });
    const first = await start();
    const desktop = { feed_id: "desk", kind: "desktop", source: `x11::${first.number}` };
    await venue.setFeeds([room, desktop]);
    await venue.untilFeed("desk", (each) => each.state === "idle" && each.frame_count > 0);
    first.child.kill("SIGKILL");
    await venue.untilFeed("desk", (each) => each.state === "failed");
    assert.ok(media.alive);
    const second = await start(first.number);
    await venue.untilFeed("desk", (each) => each.state === "idle");
    second.child.kill("SIGTERM");
});

test("a set with a fault changes nothing", async () => {
    await venue.setFeeds([room]);
    for (const [fault, code] of [
        [{ ...camera, feed_id: "bad id" }, "feed.bad_id"],
        [{ ...camera, kind: "telescope" }, "feed.bad_kind"],
        [{ ...camera, width: 99999 }, "feed.bad_size"],
        [{ ...camera, source: `test:${"x".repeat(4000)}` }, "feed.text_too_long"],
        [room, "feed.twice"],
    ]) {
        const done = await venue.setFeeds([room, fault]);
        assert.equal(done.ok, false);
        assert.equal(done.error_code, code);
    }
    await venue.until((status) => status.feeds.map((each) => each.feed_id).join() === room.feed_id, "the set as it was");
});

test("offers that cannot be used are refused with a code", async () => {
    await venue.setFeeds([room]);
    await venue.untilFeed(room.feed_id, (each) => each.state === "idle");
    const offer = (values) => venue.offer({ viewer_id: "v2", feed_id: room.feed_id, sdp: offerText(), ...values });
    assert.equal((await offer({ feed_id: "nowhere" })).error_code, "feed.unknown");
    assert.equal((await offer({ viewer_id: "../x" })).error_code, "viewer.bad_id");
    assert.equal((await offer({ rendition: "huge" })).error_code, "viewer.bad_rendition");
    assert.equal((await offer({ expires_ms: 1 })).error_code, "viewer.expired");
    assert.equal((await offer({ sdp: "hello" })).error_code, "offer.malformed");
    assert.equal((await offer({ sdp: offerText({ fingerprint: null }) })).error_code, "offer.no_fingerprint");
    assert.equal((await offer({ sdp: offerText({ codec: "VP8/90000" }) })).error_code, "offer.no_h264");
    assert.equal((await offer({ sdp: offerText() + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" })).error_code, "offer.data_channel");
    assert.equal((await offer({ sdp: "v=0\r\n" + "a=x\r\n".repeat(20_000) })).error_code, "offer.too_large");
    assert.equal((await venue.end("nobody")).error_code, "viewer.unknown");
});

test("an answer offers the configured address only, and a viewer that never comes is ended", { timeout: 30_000 }, async () => {
    const answer = await venue.offer({ viewer_id: "v3", feed_id: room.feed_id, sdp: offerText() });
    assert.equal(answer.ok, true, answer.error_message);
    const candidates = answer.sdp.split("\r\n").filter((line) => line.startsWith("a=candidate:"));
    assert.ok(candidates.length >= 1);
    for (const line of candidates) assert.equal(line.split(" ")[4], "127.0.0.1", line);
    assert.equal((await venue.offer({ viewer_id: "v3", feed_id: room.feed_id, sdp: offerText() })).error_code, "viewer.id_taken");
    await venue.untilFeed(room.feed_id, (each) => each.viewer_count === 1);
    await venue.untilFeed(room.feed_id, (each) => each.ended_viewers.includes("v3"));
    await venue.untilFeed(room.feed_id, (each) => each.viewer_count === 0 && each.state === "idle");
});

test("a viewer ends when its time is over", async () => {
    const answer = await venue.offer({ viewer_id: "v4", feed_id: room.feed_id, sdp: offerText(), expires_ms: Date.now() + 1000 });
    assert.equal(answer.ok, true);
    await venue.untilFeed(room.feed_id, (each) => each.ended_viewers.includes("v4"), 2500);
});

test("a feed taken away ends its viewers and names them", async () => {
    assert.equal((await venue.offer({ viewer_id: "v5", feed_id: room.feed_id, sdp: offerText() })).ok, true);
    await venue.setFeeds([]);
    await venue.untilFeed(room.feed_id, (each) => each.ended_viewers.includes("v5"));
});

test("200 abandoned offers leave nothing behind", { timeout: 90_000 }, async () => {
    await venue.setFeeds([room]);
    await venue.untilFeed(room.feed_id, (each) => each.state === "idle");
    assert.equal((await venue.offer({ viewer_id: "a0", feed_id: room.feed_id, sdp: offerText() })).ok, true);
    await venue.end("a0");
    await venue.untilFeed(room.feed_id, (each) => each.viewer_count === 0);
    for (let round = 0; round < 20; round++) {
        const ids = Array.from({ length: 10 }, (_, i) => `a${round}-${i}`);
        const answers = await Promise.all(ids.map((viewer_id) => venue.offer({ viewer_id, feed_id: room.feed_id, sdp: offerText(), rendition: "small" })));
        assert.deepEqual(answers.map((answer) => answer.ok), ids.map(() => true));
        assert.ok((await Promise.all(ids.map((id) => venue.end(id)))).every((done) => done.ok));
    }
    const end = Date.now() + 20_000;
    // Main loop, GLib's own and the workers of the teardown; sockets of the viewers are all closed.
    while ((media.threads() > 12 || media.files() > 14) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(media.threads() <= 12 && media.files() <= 14, `threads ${media.threads()} files ${media.files()}`);
});

test("garbled frames close their connection and no other", async () => {
    const head = (length) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(length); return bytes; };
    const hostile = [
        head(0),
        head(1024 * 1024 + 1),
        head(0xffffffff),
        Buffer.concat([head(5), Buffer.from([0x12, 0xff, 0xff, 0xff, 0x7f])]),
        Buffer.concat([head(3), Buffer.from([0xff, 0xff, 0xff])]),
    ];
    for (const bytes of hostile) {
        const other = await media.connect();
        other.socket.write(bytes);
        await other.closed;
    }
    let seed = 7;
    for (let round = 0; round < 200; round++) {
        const bytes = frame({ call_id: 5, feed_set: { feeds: [room] } });
        for (let i = 0; i < 3; i++) {
            seed = (seed * 1103515245 + 12345) & 0x7fffffff;
            bytes[4 + (seed >> 8) % (bytes.length - 4)] = seed & 255;
        }
        const other = await media.connect();
        other.socket.end(bytes);
        await other.closed; // by tp-media, once it has read all
    }
    assert.ok(media.alive);
    const unknown = await venue.call({ status: { feeds: [] } });
    assert.equal(unknown.error_code, "media.unknown_call");
    assert.equal((await venue.setFeeds([room])).ok, true);
});

test("a frame in single bytes is a frame", async () => {
    const other = await media.connect();
    other.socket.setNoDelay(true);
    const answered = new Promise((resolve) => other.socket.once("data", resolve));
    for (const byte of frame({ call_id: 9, viewer_end: { viewer_id: "nobody" } })) {
        other.socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok((await answered).length > 0);
    await other.close();
});

test("viewers end with the connection that asked for them", async () => {
    const other = await media.connect();
    await venue.untilFeed(room.feed_id, (each) => each.state === "idle");
    assert.equal((await other.offer({ viewer_id: "v6", feed_id: room.feed_id, sdp: offerText() })).ok, true);
    await venue.untilFeed(room.feed_id, (each) => each.viewer_count === 1);
    await other.close();
    await venue.untilFeed(room.feed_id, (each) => each.ended_viewers.includes("v6"));
});

test("after kill -9 a new process takes the socket over; SIGTERM removes it", async () => {
    const own = await MediaProcess.start();
    own.child.kill("SIGKILL");
    await own.exited;
    const next = spawn(own.child.spawnfile, own.child.spawnargs.slice(1), { stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve) => next.stdout.once("data", resolve));
    const socket = await own.connect();
    assert.equal((await socket.setFeeds([room])).ok, true);
    const gone = new Promise((resolve) => next.once("exit", resolve));
    next.kill("SIGTERM");
    assert.equal(await gone, 0);
    assert.equal((await own.stop()).socketLeft, false);
});
