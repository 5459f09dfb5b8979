// Feeds of the real tp-media in a real Chromium: pictures, sound, renditions, arrivals and departures.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { MediaProcess } from "../support/media_process.mjs";
import { brightness, difference, ViewerPage } from "../support/viewer_page.mjs";

const room = { feed_id: "lanzhou-r1-env", kind: "room", source: "test:兰州 第一评标室", sound: "test:440" };
const camera = { feed_id: "lanzhou-r1-s01-cam", kind: "camera", source: "test:兰州 1号机位" };
let media, venue, page, display, feeds;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function startDisplay() {
    return new Promise((resolve, reject) => {
        const child = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
        child.once("error", reject);
        child.stdio[3].once("data", (text) => resolve({ child, name: `:${String(text).trim()}` }));
    });
}

before(async () => {
    display = await startDisplay();
    feeds = [room, camera, { feed_id: "lanzhou-r1-s01-desk", kind: "desktop", source: `x11:${display.name}`, frame_rate: 10 }];
    media = await MediaProcess.start({ linger: "2s", silence: "3s" });
    venue = await media.connect();
    assert.equal((await venue.setFeeds(feeds)).ok, true);
    for (const feed of feeds) await venue.untilFeed(feed.feed_id, (each) => each.state === "idle");
    page = await ViewerPage.open((offer) => venue.offer(offer));
});

after(async () => {
    await page?.close();
    await venue?.close();
    await media?.stop();
    display?.child.kill("SIGTERM");
});

async function leave(id) {
    await page.leave(id);
    const done = await venue.end(id);
    assert.ok(done.ok || done.error_code === "viewer.unknown", done.error_code); // it may have ended by itself
}

/** Two pictures half a second apart: not black, and not the same. */
async function assertMoving(id) {
    const first = await page.picture(id);
    await sleep(500);
    const second = await page.picture(id);
    assert.ok(brightness(second) > 20, `brightness ${brightness(second)}`);
    assert.ok(difference(first, second) > 0.05, `difference ${difference(first, second)}`);
    return second;
}

test("a room plays with moving picture and sound", { timeout: 60_000 }, async () => {
    assert.equal((await page.join("room", { feed: room.feed_id })).ok, true);
    const first = await page.until("room", (look) => look.framesDecoded > 5, "frames");
    assert.equal(first.width, 1280);
    await assertMoving("room");
    const later = await page.until("room", (look) => look.framesDecoded > first.framesDecoded + 15 && look.audioEnergy > 0, "more frames and sound");
    assert.ok(later.audioLevel > 0, `audio level ${later.audioLevel}`);
    const feed = await venue.untilFeed(room.feed_id, (each) => each.state === "live");
    assert.equal(feed.viewer_count, 1);
    await leave("room");
    await venue.untilFeed(room.feed_id, (each) => each.viewer_count === 0 && each.state === "idle");
});

test("a seat's camera and the small rendition play, each in its size", { timeout: 60_000 }, async () => {
    assert.equal((await page.join("cam", { feed: camera.feed_id })).ok, true);
    assert.equal((await page.join("cam-small", { feed: camera.feed_id, rendition: "small", sound: false })).ok, true);
    assert.equal((await page.join("room-small", { feed: room.feed_id, rendition: "small" })).ok, true);
    assert.equal((await page.until("cam", (look) => look.framesDecoded > 10, "camera")).width, 1280);
    assert.equal((await page.until("cam-small", (look) => look.framesDecoded > 5, "small camera")).width, 320);
    assert.equal((await page.until("room-small", (look) => look.framesDecoded > 5, "small room")).width, 320);
    await assertMoving("cam");
    await assertMoving("cam-small");
    assert.equal((await page.look("room-small")).audioBytes, 0);
    for (const id of ["cam", "cam-small", "room-small"]) await leave(id);
});

test("the desktop of a real X display plays and shows what happens on it", { timeout: 60_000 }, async () => {
    const desk = feeds[2].feed_id;
    assert.equal((await page.join("desk", { feed: desk, sound: false })).ok, true);
    await page.until("desk", (look) => look.framesDecoded > 5, "desktop");
    const before = await page.picture("desk");
    const ball = spawn("gst-launch-1.0", ["videotestsrc", "pattern=smpte", "!", "ximagesink", `display=${display.name}`], { stdio: "ignore" });
    const end = Date.now() + 10_000;
    let now = await page.picture("desk");
    while (difference(before, now) < 3 && Date.now() < end) {
        await sleep(100);
        now = await page.picture("desk");
    }
    assert.ok(difference(before, now) >= 3, `difference ${difference(before, now)}`);
    ball.kill("SIGTERM");
    await leave("desk");
});

test("where UDP is closed a viewer watches over TCP", { timeout: 60_000 }, async () => {
    assert.equal((await page.join("tcp", { feed: room.feed_id, tcp: true })).ok, true);
    const look = await page.until("tcp", (each) => each.framesDecoded > 10 && each.protocol !== undefined, "frames over TCP");
    assert.equal(look.protocol, "tcp");
    await leave("tcp");
});

test("an offer with another certificate's fingerprint gets no media", { timeout: 60_000 }, async () => {
    assert.equal((await page.join("false", { feed: room.feed_id, tamper: true })).ok, true);
    const ended = await venue.untilFeed(room.feed_id, (each) => each.ended_viewers.includes("false"));
    assert.ok(ended);
    await sleep(1000);
    const look = await page.look("false");
    assert.equal(look.framesDecoded + look.bytes + look.audioBytes, 0);
    assert.match(media.log, /viewer=false .*reason=viewer\.wrong_certificate/);
    await page.leave("false");
});

test("ten arrivals and departures leave no threads and no files", { timeout: 120_000 }, async () => {
    const rest = async () => {
        for (const feed of [room, camera]) await venue.untilFeed(feed.feed_id, (each) => each.viewer_count === 0);
        await sleep(4000);
        return { threads: media.threads(), files: media.files() };
    };
    const before = await rest();
    const firstFrames = [];
    for (let round = 0; round < 10; round++) {
        const id = `round-${round}`;
        const feed = round % 2 ? room : camera;
        assert.equal((await page.join(id, { feed: feed.feed_id, rendition: round % 3 ? "main" : "small" })).ok, true);
        const look = await page.until(id, (each) => each.framesDecoded > 2 && each.firstFrame !== null, "frames");
        firstFrames.push(look.firstFrame);
        await leave(id);
    }
    const after = await rest();
    assert.ok(after.threads <= before.threads + 2, `threads ${before.threads} -> ${after.threads}`);
    assert.ok(after.files <= before.files + 2, `files ${before.files} -> ${after.files}`);
    firstFrames.sort((a, b) => a - b);
    assert.ok(firstFrames[5] < 1500, `first frame, median ${firstFrames[5]} ms`);
});

test("a feed that stays goes on undisturbed when the set changes", { timeout: 60_000 }, async () => {
    assert.equal((await page.join("stay", { feed: room.feed_id })).ok, true);
    const first = await page.until("stay", (look) => look.framesDecoded > 5, "frames");
    assert.equal((await venue.setFeeds([room, { feed_id: "more", kind: "camera", source: "test:新机位" }])).ok, true);
    await page.until("stay", (look) => look.framesDecoded > first.framesDecoded + 20, "frames after the change");
    assert.equal((await venue.setFeeds(feeds)).ok, true);
    await leave("stay");
});

test("a viewer whose browser is killed is found by its silence", { timeout: 60_000 }, async () => {
    const other = await ViewerPage.open((offer) => venue.offer(offer), { killable: true });
    assert.equal((await other.join("vanished", { feed: room.feed_id })).ok, true);
    await other.until("vanished", (look) => look.framesDecoded > 5, "frames");
    await other.kill();
    const begun = Date.now();
    await venue.untilFeed(room.feed_id, (each) => each.ended_viewers.includes("vanished"), 10_000);
    assert.ok(Date.now() - begun > 1000);
    assert.match(media.log, /viewer=vanished .*reason=viewer\.silent/);
});

test("a viewer of a source that fails stays, and sees it again when it is back", { timeout: 90_000 }, async () => {
    const own = await startDisplay();
    const desk = { feed_id: "own-desk", kind: "desktop", source: `x11:${own.name}`, frame_rate: 10 };
    await venue.setFeeds([...feeds, desk]);
    await venue.untilFeed("own-desk", (each) => each.state === "idle");
    assert.equal((await page.join("patient", { feed: "own-desk", sound: false })).ok, true);
    await page.until("patient", (look) => look.framesDecoded > 5, "frames");
    own.child.kill("SIGKILL");
    await venue.untilFeed("own-desk", (each) => each.state === "failed");
    await sleep(5000);
    const held = await page.look("patient");
    const again = spawn("Xvfb", [own.name, "-screen", "0", "800x600x24", "-nolisten", "tcp"], { stdio: "ignore" });
    await venue.untilFeed("own-desk", (each) => each.state === "live", 40_000);
    await page.until("patient", (look) => look.framesDecoded > held.framesDecoded + 5, "frames again");
    await leave("patient");
    again.kill("SIGTERM");
    await venue.setFeeds(feeds);
});
