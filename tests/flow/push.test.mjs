// A8 under failure: the trading system refuses, answers late, signs wrongly, is killed while it receives; the
// coordinator is killed while it pushes. Each version of a list is received once and receipted once.
import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../deploy/demo/process.mjs";
import { request, until } from "../support/https.mjs";
import { acceptUntilDrawn, addLot, loginAs, requestBody, SLOT_MS, nextSlot, temporaryProvince, waitForState } from "../support/scenario.mjs";

const FAULTS = { refuse_first: 2, bad_signature_first: 1, delay: "150ms" };
const PLACES = [
    { main: "lanzhou", secondary: "tianshui", room: "lanzhou-r1" },
    { main: "tianshui", secondary: "jiuquan", room: "tianshui-r2" },
    { main: "jiuquan", secondary: "lanzhou", room: "jiuquan-r2" },
];
let province, agency, regulator, operator;

before(async () => {
    province = await temporaryProvince({ autoAccept: true, experts: 2000 });
    appendFileSync(join(province.dir, "trading", "trading.ini"), `\n[fault]\n${Object.entries(FAULTS).map(([key, value]) => `${key} = ${value}`).join("\n")}\n`);
    await province.start();
    agency = await loginAs(province, "agency");
    regulator = await loginAs(province, "regulator");
    operator = await loginAs(province, "operator");
});

after(async () => {
    for (const user of [agency, regulator, operator]) user?.close();
    await province?.remove();
});

async function drawnSession(places, slot) {
    const start = nextSlot(Date.now(), 2) + slot * SLOT_MS;
    const lot = await addLot(agency);
    const session = await agency.post("/sessions", await requestBody(agency, lot, { ...places, start }));
    for (const center of [places.main, places.secondary]) {
        const staff = await loginAs(province, `staff-${center}`);
        const { version } = await staff.get(`/sessions/${session.id}`);
        await staff.post(`/sessions/${session.id}/confirm`, { version });
        staff.close();
    }
    const { version } = await agency.get(`/sessions/${session.id}`);
    await agency.post(`/sessions/${session.id}/draw`, { version, exclude_employers: [], max_per_employer: null });
    await acceptUntilDrawn(province, agency, session.id);
    return session.id;
}

const entriesOf = async (id, act) => (await regulator.get(`/log?after=0&session_id=${id}`)).items.filter((entry) => entry.act === act);
const keptLists = (id) => readdirSync(join(province.dir, "trading", "lists")).filter((name) => name.startsWith(id));

async function strikeAfter(name, pauseMs) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const program = province.programs.get(name);
    await program.kill();
    await program.start();
}

async function checkOnce(id, versions = 1) {
    const session = await until("the session", () => agency.get(`/sessions/${id}`));
    assert.equal(session.delivery.state, "delivered");
    assert.ok(session.delivery.delivered_at > 0);
    for (const act of ["list.sealed", "list.receipt", "session.list_delivered"]) assert.equal((await entriesOf(id, act)).length, versions, act);
    assert.equal(keptLists(id).length, versions);
    const page = await until("the trading system's page", () => request(`${province.tradingUrl}/`, { ca: province.ca }));
    assert.equal(page.text.split(`<td><code>${id}</code></td>`).length - 1, versions, "rows of the page");
}

test("refused twice, then a receipt of a wrong signature: tried until the receipt holds", async () => {
    const id = await drawnSession(PLACES[0], 0);
    const waiting = await until("a refusal in the session", async () => {
        const session = await agency.get(`/sessions/${id}`);
        return session.delivery?.last_error ? session : null;
    });
    assert.equal(waiting.delivery.state, "waiting");
    assert.match(waiting.delivery.last_error, /^(trading\.refused|receipt\.bad_signature)$/);
    assert.equal((await operator.get("/services")).pushes.filter((push) => push.session_id === id).length, 1);
    const delivered = await waitForState(agency, id, "delivered", 60_000);
    assert.equal(delivered.delivery.tries, 4);
    await checkOnce(id);
    const receipt = JSON.parse((await entriesOf(id, "list.receipt"))[0].data.receipt);
    assert.equal(receipt.receipt.session_id, id);
    assert.equal((await operator.get("/services")).pushes.length, 0);
});

// The faults count anew in each new trading process: three tries more per strike.
for (const [round, [victim, pauseMs]] of [["trading", 60], ["coordinator", 60], ["coordinator", 200], ["trading", 700]].entries()) {
    test(`kill -9 of ${victim} ${pauseMs} ms into the push: delivered once`, async () => {
        const id = await drawnSession(PLACES[round % PLACES.length], 2 + round);
        await strikeAfter(victim, pauseMs);
        await until("delivered", async () => (await agency.get(`/sessions/${id}`)).state === "delivered", { limitMs: 90_000, everyMs: 200 });
        await checkOnce(id);
    });
}

test("a substitute after delivery: the next version is delivered beside the first", async () => {
    const id = await drawnSession(PLACES[1], 8);
    const delivered = await waitForState(agency, id, "delivered", 60_000);
    const { handle } = delivered.draw.members.find((member) => member.state === "accepted");
    await agency.post(`/sessions/${id}/leave`, { handle, reason: "突发疾病" });
    await acceptUntilDrawn(province, agency, id);
    const again = await waitForState(agency, id, "delivered", 60_000);
    assert.equal(again.delivery.version, 2);
    await checkOnce(id, 2);
});

test("a stranger's push and a push without signature are refused and leave nothing", async () => {
    const body = JSON.stringify({ session_id: "ses_x", lot_code: "x", draw_id: "drw_x", version: 1, sealed: "AAAA", list_hash: "x", transcript_hash: "x" });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const bare = await request(`${province.tradingUrl}/tongping/v1/expert-lists`, { method: "POST", headers, body, ca: province.ca });
    assert.ok([403, 503].includes(bare.status));
    const forged = { ...headers, "tongping-key": "coordinator", "tongping-time": String(Date.now()), "tongping-nonce": "A".repeat(22), "tongping-signature": "A".repeat(86) };
    await until("no fault is left", async () => (await request(`${province.tradingUrl}/tongping/v1/expert-lists`, { method: "POST", headers: forged, body, ca: province.ca })).status !== 503);
    const answer = await request(`${province.tradingUrl}/tongping/v1/expert-lists`, { method: "POST", headers: forged, body, ca: province.ca });
    assert.equal(answer.status, 403);
    assert.equal(answer.json.error.code, "request.bad_signature");
    assert.equal(keptLists("ses_x").length, 0);
});

test("A1: a lot sent again is the same lot; changed under its code it is refused; an unknown sender, too", async () => {
    const trading = (args, config = "trading/trading.ini") => run(province.program("tp-demo-trading"), ["--config", join(province.dir, config), "--send-lot", ...args]);
    const deadline = String(Date.now() + 3_600_000);
    const lot = ["TS-PUSH-1", "河西大桥改造", deadline, "A620001"];
    const first = JSON.parse(await trading(lot));
    assert.deepEqual(JSON.parse(await trading(lot)), first);
    await assert.rejects(trading(["TS-PUSH-1", "另一个名称", deadline, "A620001"]), (error) => error.err.includes("lot.code_taken"));
    const text = readFileSync(join(province.dir, "trading", "trading.ini"), "utf8");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(province.dir, "trading", "stranger.ini"), text.replace(/^key = .*/m, "key = ../gateway/key"), { mode: 0o600 });
    await assert.rejects(trading(["TS-PUSH-2", "x", deadline, "A620001"], "trading/stranger.ini"), (error) => error.err.includes("request.bad_signature"));
});
