// A7: too few experts. What cannot be drawn is refused before any randomness; who declines is replaced until nobody is
// left, and then the agency reads so and can cancel.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../support/https.mjs";
import { addLot, confirmAll, loginAs, replyTo, requestBody, temporaryProvince, waitForState, waitingPhones } from "../support/scenario.mjs";

let province, agency, session, scarce;

before(async () => {
    province = await temporaryProvince({ experts: 300 });
    await province.start();
    agency = await loginAs(province, "agency");
});

after(async () => {
    agency?.close();
    await province?.remove();
});

async function confirmedSession() {
    const lot = await addLot(agency);
    const body = await requestBody(agency, lot);
    const { items } = await agency.get("/specialties");
    const countIn = (item, city) => item.cities.find((each) => each.city === city)?.count ?? 0;
    // The specialty with the fewest experts that still makes a committee.
    [scarce] = items
        .filter((item) => countIn(item, "兰州") >= 3 && countIn(item, "天水") >= 2)
        .sort((a, b) => countIn(a, "兰州") + countIn(a, "天水") - countIn(b, "兰州") - countIn(b, "天水"));
    body.main.experts = [{ specialty: scarce.code, count: 3 }];
    body.secondary[0].experts = [{ specialty: scarce.code, count: 2 }];
    return confirmAll(province, await agency.post("/sessions", body));
}

const openDraw = async (exclusions) => {
    const { version } = await agency.get(`/sessions/${session.id}`);
    return agency.call("POST", `/sessions/${session.id}/draw`, { version, exclude_employers: exclusions, max_per_employer: null });
};

test("a plan without enough experts is refused with nothing drawn, and may be asked otherwise", async () => {
    session = await confirmedSession();
    const { readFileSync } = await import("node:fs");
    const [head, ...rows] = readFileSync(`${province.dir}/draw/pool.csv`, "utf8").replace(/^\uFEFF/, "").trim().split(/\r?\n/).map((line) => line.split(","));
    const employers = [...new Set(rows.map((row) => row[head.indexOf("employer")]))].filter(Boolean);
    const refused = await openDraw(employers.slice(0, 200));
    assert.equal(refused.status, 409, refused.text);
    assert.equal(refused.json.error.code, "draw.infeasible");
    const after = await agency.get(`/sessions/${session.id}`);
    assert.equal(after.state, "confirmed");
    assert.equal(after.draw, null);
});

test("everyone declines: exhausted is a state the agency reads; it can cancel", async () => {
    const opened = await openDraw([]);
    assert.equal(opened.status, 200, opened.text);
    const exhausted = await until("the draw to be exhausted", async () => {
        const each = await agency.get(`/sessions/${session.id}`);
        if (each.draw.state === "exhausted") return each;
        for (const phone of await waitingPhones(province)) await replyTo(province, phone, "2");
        return null;
    }, { limitMs: 60_000, everyMs: 300 });
    assert.equal(exhausted.state, "drawing");
    assert.ok(exhausted.draw.declined > 0);
    assert.ok(exhausted.timeline.some((entry) => entry.act === "draw.exhausted"));
    assert.ok(exhausted.actions.includes("cancel"));
    await agency.post(`/sessions/${session.id}/cancel`, { version: exhausted.version, reason: "专家不足" });
    const cancelled = await waitForState(agency, session.id, "cancelled");
    assert.equal(cancelled.draw.state, "cancelled");
});
