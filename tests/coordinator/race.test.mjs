// 200 requests at once for the last seats: never a double booking, every loser told so.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addLot, loginAs, nextSlot, requestBody, SLOT_MS, temporaryProvince } from "../support/scenario.mjs";

const REQUESTS = 200;
let province, agency, agency2;

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    [agency, agency2] = [await loginAs(province, "agency"), await loginAs(province, "agency2")];
});

after(async () => {
    agency?.close();
    agency2?.close();
    await province?.remove();
});

test("200 concurrent requests for the last seats: one wins, 199 are told", async () => {
    const start = nextSlot(Date.now() + 86_400_000);
    const users = [agency, agency2];
    const lots = [];
    for (let index = 0; index < REQUESTS; index += 20)
        lots.push(...(await Promise.all(Array.from({ length: 20 }, (_, each) => addLot(users[(index + each) % 2])))));
    const template = await requestBody(agency, lots[0], { start });
    const answers = await Promise.all(lots.map((lot, index) => users[index % 2].call("POST", "/sessions", { ...template, lot_id: lot.id })));
    const won = answers.filter((answer) => answer.status === 201);
    const lost = answers.filter((answer) => answer.status !== 201);
    assert.equal(won.length, 1, lost.map((answer) => answer.text).slice(0, 3).join("\n"));
    for (const answer of lost) {
        assert.equal(answer.status, 409, answer.text);
        assert.ok(["request.seats_taken", "request.nothing_fits"].includes(answer.json.error.code), answer.text);
    }
    const { items } = await agency.get(`/availability?start_at=${start}&end_at=${start + SLOT_MS}`);
    const taken = new Set(won[0].json.venues.flatMap((venue) => venue.seats.map((seat) => seat.id)));
    for (const item of items) for (const seat of item.free_seats) assert.ok(!taken.has(seat), `${seat} is free and taken`);
});

test("requests by lot until the province is full: every seat at most once", async () => {
    const start = nextSlot(Date.now() + 2 * 86_400_000);
    const users = [agency, agency2];
    const lots = await Promise.all(Array.from({ length: 60 }, (_, index) => addLot(users[index % 2])));
    const rooms = ["lanzhou-r1", "lanzhou-r2", "tianshui-r1", "tianshui-r2", "jiuquan-r1", "jiuquan-r2"];
    const bodies = [];
    for (const [index, lot] of lots.entries()) {
        const room = rooms[index % rooms.length];
        const main = room.split("-")[0];
        const body = await requestBody(agency, lot, { main, choice: "lot", start });
        bodies.push({ ...body, main: { ...body.main, room_ids: [room] } });
    }
    const answers = await Promise.all(bodies.map((body, index) => users[index % 2].call("POST", "/sessions", body)));
    const seats = answers.filter((answer) => answer.status === 201).flatMap((answer) => answer.json.venues.flatMap((venue) => venue.seats.map((seat) => seat.id)));
    assert.equal(new Set(seats).size, seats.length);
    assert.ok(seats.length >= 5);
    for (const answer of answers.filter((each) => each.status !== 201)) assert.equal(answer.status, 409, answer.text);
    const { items } = await agency.get(`/availability?start_at=${start}&end_at=${start + SLOT_MS}`);
    assert.equal(items.reduce((sum, item) => sum + item.free_seats.length, 0) + seats.length, 24);
});
