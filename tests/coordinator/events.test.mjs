// The live events: told at once, to those whom they concern, and to nobody else.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import tls from "node:tls";
import { addLot, loginAs, nextSlot, requestBody, temporaryProvince } from "../support/scenario.mjs";
import { until } from "../support/https.mjs";

let province, agency, agency2, staff, farStaff, regulator;

/** As little of RFC 6455 as a listening page needs: the upgrade, short text frames, the close. */
class Page {
    static open(user, { origin } = {}) {
        const page = new Page();
        Object.assign(page, { events: [], closed: false, status: 0, buffer: Buffer.alloc(0) });
        const { hostname, port, host } = new URL(user.base);
        const socket = tls.connect({ host: hostname, port, ca: user.ca, servername: "localhost" });
        page.socket = socket;
        const lines = [
            "GET /api/v1/events HTTP/1.1", `Host: ${host}`, "Upgrade: websocket", "Connection: Upgrade",
            `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`, "Sec-WebSocket-Version: 13",
            ...(user.cookie ? [`Cookie: ${user.cookie}`] : []), ...(origin ? [`Origin: ${origin}`] : []), "", "",
        ];
        socket.on("secureConnect", () => socket.write(lines.join("\r\n")));
        socket.on("data", (data) => page.take(data));
        socket.on("error", () => {});
        socket.on("close", () => {
            page.closed = true;
        });
        return until("an answer to the upgrade", () => (page.status ? page : null), { everyMs: 10 });
    }

    take(data) {
        this.buffer = Buffer.concat([this.buffer, data]);
        if (this.status === 0) {
            const end = this.buffer.indexOf("\r\n\r\n");
            if (end < 0) return;
            this.status = Number(this.buffer.subarray(9, 12).toString());
            this.buffer = this.buffer.subarray(end + 4);
        }
        while (this.status === 101 && this.buffer.length >= 2 && this.buffer.length >= 2 + (this.buffer[1] & 0x7f)) {
            const length = this.buffer[1] & 0x7f;
            assert.ok(length < 126, "events are short");
            const payload = this.buffer.subarray(2, 2 + length);
            if ((this.buffer[0] & 0x0f) === 1) this.events.push(JSON.parse(payload.toString()));
            if ((this.buffer[0] & 0x0f) === 8) {
                this.code = payload.readUInt16BE(0);
                this.socket.end();
            }
            this.buffer = this.buffer.subarray(2 + length);
        }
    }

    has(type, id) {
        return this.events.some((event) => event.type === type && (id === undefined || event.id === id));
    }

    close() {
        this.socket.destroy();
    }
}

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    agency = await loginAs(province, "agency");
    agency2 = await loginAs(province, "agency2");
    staff = await loginAs(province, "staff-lanzhou");
    farStaff = await loginAs(province, "staff-jiuquan");
    regulator = await loginAs(province, "regulator");
});

after(async () => {
    for (const user of [agency, agency2, staff, farStaff, regulator]) user?.close();
    await province?.remove();
});

test("a request reaches its venues' staff, its agency and the regulator at once, and nobody else", async () => {
    const pages = await Promise.all([agency, agency2, staff, farStaff, regulator].map((user) => Page.open(user)));
    const [own, other, near, far, watching] = pages;
    for (const page of pages) assert.equal(page.status, 101);
    const lot = await addLot(agency);
    const session = await agency.post("/sessions", await requestBody(agency, lot, { start: nextSlot(Date.now() + 86_400_000) }));
    await until("the staff's to-do", () => near.has("todo") && near.has("session", session.id), { limitMs: 5000, everyMs: 10 });
    await until("the agency's session", () => own.has("session", session.id), { limitMs: 5000, everyMs: 10 });
    await until("the regulator's log", () => watching.has("log") && watching.has("session", session.id), { limitMs: 5000, everyMs: 10 });
    // Another act that concerns everybody's session of the other agency proves that its page listens.
    const lot2 = await addLot(agency2);
    const session2 = await agency2.post("/sessions", await requestBody(agency2, lot2, { main: "jiuquan", start: nextSlot(Date.now() + 2 * 86_400_000) }));
    await until("the other agency's session", () => other.has("session", session2.id) && far.has("todo"), { limitMs: 5000, everyMs: 10 });
    assert.ok(!other.has("session", session.id));
    assert.ok(!far.has("session", session.id));
    assert.ok(!own.has("session", session2.id));
    assert.ok(!own.has("log") && !near.has("log"));
    for (const page of pages) page.close();
});

test("without a login, or from another site's page, no socket opens", async () => {
    const stranger = await Page.open({ base: agency.base, ca: agency.ca, cookie: null });
    assert.equal(stranger.status, 403);
    const foreign = await Page.open(agency, { origin: "https://example.invalid" });
    assert.equal(foreign.status, 403);
    const ours = await Page.open(agency, { origin: agency.base });
    assert.equal(ours.status, 101);
    for (const page of [stranger, foreign, ours]) page.close();
});

test("the logout closes the login's sockets", async () => {
    const user = await loginAs(province, "operator");
    const page = await Page.open(user);
    await user.call("POST", "/logout");
    await until("the close", () => page.closed, { limitMs: 5000, everyMs: 10 });
    assert.equal(page.code, 4001);
    user.close();
});
