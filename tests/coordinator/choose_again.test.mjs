// After a refusal: only what was refused is chosen anew, with other experts if wished, within the law.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addLot, loginAs, nextSlot, requestBody, temporaryProvince } from "../support/scenario.mjs";

let province, agency, day = 0;

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    agency = await loginAs(province, "agency");
});

after(async () => {
    agency?.close();
    await province?.remove();
});

async function refusedBy(centerId, options = {}) {
    day += 1;
    const lot = await addLot(agency);
    const body = await requestBody(agency, lot, { start: nextSlot(Date.now() + day * 86_400_000), ...options });
    const session = await agency.post("/sessions", body);
    const staff = await loginAs(province, `staff-${centerId}`);
    const refused = await staff.post(`/sessions/${session.id}/refuse`, { version: session.version, reason: "设备检修" });
    staff.close();
    return { body, refused };
}

const again = (session, body) => agency.call("POST", `/sessions/${session.id}/venues`, { version: session.version, ...body });

test("a picked center in place of the refused one, with other counts", async () => {
    const { body, refused } = await refusedBy("tianshui");
    const [first] = body.secondary[0].experts;
    const pick = { center_id: "jiuquan", experts: [{ specialty: first.specialty, count: 4 }] };
    const answer = await again(refused, { choice: "pick", secondary_count: 1, secondary: [pick] });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.state, "confirming");
    assert.equal(answer.json.venues[1].center_id, "jiuquan");
    assert.equal(answer.json.venues[1].seats.length, 4);
    assert.deepEqual(answer.json.venues[1].experts.map((need) => need.count), [4]);
    assert.equal(answer.json.venues[0].center_id, "lanzhou");
    assert.equal(answer.json.entry.expected, 7);
});

test("what the law or the policy does not allow is refused, and nothing has changed", async () => {
    const { body, refused } = await refusedBy("tianshui");
    const [first] = body.secondary[0].experts;
    const refusals = [
        [{ choice: "pick", secondary: [{ center_id: "jiuquan", experts: [{ specialty: first.specialty, count: 1 }] }] }, "request.committee_too_small"],
        [{ choice: "pick", secondary: [{ center_id: "jiuquan", experts: [{ specialty: first.specialty, count: 3 }] }] }, "request.committee_even"],
        [{ choice: "pick", secondary: [{ center_id: "lanzhou" }] }, "request.center_twice"],
        [{ choice: "pick", secondary: [{ center_id: "jiuquan" }, { center_id: "tianshui" }] }, "request.secondary_count"],
        [{ choice: "pick", secondary: [] }, "request.secondary_count"],
        [{ choice: "pick", secondary: [{}] }, "request.no_center"],
        [{ choice: "lot", secondary: [{ center_id: "jiuquan" }] }, "request.lot_names_center"],
        [{ choice: "lot", secondary: [{}], main: { center_id: "jiuquan", room_ids: ["jiuquan-r1"] } }, "request.secondary_count"],
        [{ choice: "dice", secondary: [{}] }, "request.bad_choice"],
        [{ choice: "pick", secondary: [{ center_id: "jiuquan", seat_ids: ["tianshui-r1-s01", "tianshui-r1-s02"] }] }, "request.unknown_seat"],
    ];
    for (const [attempt, code] of refusals) {
        const answer = await again(refused, attempt);
        assert.equal(answer.json?.error?.code, code, `${JSON.stringify(attempt)}: ${answer.text}`);
    }
    assert.equal((await again({ ...refused, version: refused.version - 1 }, { choice: "lot", secondary: [{}] })).json.error.code, "session.stale");
    const read = await agency.get(`/sessions/${refused.id}`);
    assert.equal(read.version, refused.version);
    assert.equal(read.state, "choosing");
    assert.deepEqual(read.venues[1].experts.map((need) => need.count), [2]);
});

test("a refused main venue is chosen anew, too, and the refuser gets it by no lot again", async () => {
    const { refused } = await refusedBy("lanzhou");
    assert.equal((await again(refused, { choice: "pick", secondary: [] })).json.error.code, "request.no_main");
    const answer = await again(refused, { choice: "pick", secondary: [], main: { center_id: "jiuquan", room_ids: ["jiuquan-r1"] } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.venues[0].center_id, "jiuquan");
    assert.equal(answer.json.venues[0].main, true);
    assert.equal(answer.json.venues[1].center_id, "tianshui");
    assert.equal(answer.json.venues[1].state, "held");
});

test("when every other center has refused, the lot says that nothing fits", async () => {
    const { refused } = await refusedBy("tianshui");
    const second = (await again(refused, { choice: "lot", secondary: [{}] })).json;
    assert.equal(second.venues[1].center_id, "jiuquan");
    const staff = await loginAs(province, "staff-jiuquan");
    const third = await staff.post(`/sessions/${second.id}/refuse`, { version: second.version, reason: "当日已满" });
    staff.close();
    const answer = await again(third, { choice: "lot", secondary: [{}] });
    assert.equal(answer.status, 409);
    assert.equal(answer.json.error.code, "request.nothing_fits");
});

test("one key stands for one request: with another body or by another user it makes nothing of the first", async () => {
    const lot = await addLot(agency);
    const body = await requestBody(agency, lot, { start: nextSlot(Date.now() + 20 * 86_400_000) });
    const key = { "idempotency-key": `key-${Date.now()}` };
    const first = await agency.call("POST", "/sessions", body, key);
    assert.equal(first.status, 201, first.text);
    const other = await agency.call("POST", "/sessions", { ...body, end_at: body.end_at + 1_800_000 }, key);
    assert.equal(other.status, 409);
    assert.equal(other.json.error.code, "idempotency.key_reused");
    const agency2 = await loginAs(province, "agency2");
    const stranger = await agency2.call("POST", "/sessions", body, key);
    assert.equal(stranger.status, 404, stranger.text);
    assert.equal(stranger.json.error.code, "lot.not_found");
    assert.equal((await agency.call("POST", "/sessions", body, { "idempotency-key": "x".repeat(65) })).status, 400);
    assert.equal((await agency.call("POST", "/sessions", body)).json.error.code, "lot.has_session");
    agency2.close();
});
