// kill -9 of each program between and during the steps of a session, then a restart: the session goes on, nothing
// acknowledged is lost, nothing happens twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "../../deploy/demo/process.mjs";
import { join } from "node:path";
import { until } from "../support/https.mjs";
import {
    acceptUntilDrawn, addLot, everyoneLogsIn, loginAs, messages, requestBody, temporaryProvince, Terminal, waitForState,
} from "../support/scenario.mjs";

let province;
const users = new Map();

before(async () => {
    province = await temporaryProvince({ autoAccept: true });
    await province.start();
});

after(async () => {
    for (const user of users.values()) user.close();
    await province?.remove();
});

/** A login that outlives the coordinator: the cookie is in its store. */
async function as(name) {
    if (!users.has(name)) users.set(name, await until(`login of ${name}`, () => loginAs(province, name)));
    return users.get(name);
}

/** Does `act` again until it is answered; an act that was done already counts by `done`. */
async function insist(what, act, done) {
    return until(what, async () => {
        if (done && (await done())) return true;
        const answer = await act();
        if (answer.status < 300) return answer.json ?? true;
        if (answer.status >= 500) return null;
        if (done && (await done())) return true;
        throw new Error(`${what}: ${answer.status} ${answer.text}`);
    }, { limitMs: 60_000, everyMs: 250 });
}

async function strike(name) {
    const program = province.programs.get(name);
    await program.kill();
    await program.start();
}

/** Kills while `work` runs, too. */
async function during(name, work) {
    const pause = Math.floor(Math.random() * 40);
    const killed = new Promise((resolve) => setTimeout(resolve, pause)).then(() => strike(name));
    const [outcome] = await Promise.all([work(), killed]);
    return outcome;
}

async function playSession(victim, places) {
    const agency = await as("agency");
    const main = await as(`staff-${places.main}`);
    const far = await as(`staff-${places.secondary}`);
    const state = (id) => async () => (await agency.get(`/sessions/${id}`)).state;
    const is = (id, ...states) => async () => states.includes(await state(id)());
    const since = (await messages(province)).length;
    const lot = await until("a lot", () => addLot(agency));
    const body = await requestBody(agency, lot, places);
    const key = { "idempotency-key": `kill-${lot.id}` };
    const { id } = await during(victim, () => insist("request", () => agency.call("POST", "/sessions", body, key)));
    for (const staff of [main, far]) {
        const mine = async () => {
            const session = await staff.get(`/sessions/${id}`);
            return session.venues.find((venue) => venue.center_id === staff.user.center_id).state === "confirmed";
        };
        await during(victim, () => insist("confirmation", async () => staff.call("POST", `/sessions/${id}/confirm`, { version: (await staff.get(`/sessions/${id}`)).version }), mine));
    }
    await during(victim, () => insist("draw", async () => agency.call("POST", `/sessions/${id}/draw`, { version: (await agency.get(`/sessions/${id}`)).version, exclude_employers: [], max_per_employer: null }), is(id, "drawing", "drawn", "delivered")));
    await during(victim, () => acceptUntilDrawn(province, agency, id, 90_000));
    await strike(victim);
    const delivered = await waitForState(agency, id, "delivered", 90_000);
    assert.equal(delivered.draw.accepted, 5);
    return { id, agency, main, since };
}

async function finishSession(victim, { id, agency, main, since }) {
    const terminals = new Map();
    const is = (...states) => async () => states.includes((await main.get(`/sessions/${id}`)).state);
    const act = (name) => async () => main.call("POST", `/sessions/${id}/${name}`, { version: (await main.get(`/sessions/${id}`)).version });
    await during(victim, () => insist("entry", act("open-entry"), is("entry")));
    const seat = (await main.get(`/sessions/${id}`)).venues[0].seats[0].id;
    await until("the plan at the terminal", async () => {
        const terminal = await new Terminal(province, seat).enrol();
        return (await terminal.state()).session?.session_id === id && (await terminal.state()).session.phase === "entry";
    });
    await strike(victim);
    let present = 0;
    await until("everyone in", async () => {
        await everyoneLogsIn(province, agency, id, terminals, since);
        present = (await main.get(`/sessions/${id}`)).entry.present;
        return present === 5;
    }, { limitMs: 90_000, everyMs: 1000 });
    await strike(victim);
    assert.equal((await until("the count again", () => main.get(`/sessions/${id}`))).entry.present, 5);
    await during(victim, () => insist("start", act("start"), is("evaluating")));
    await until("the common start at the terminal", async () => {
        const terminal = await new Terminal(province, seat).enrol();
        return (await terminal.state()).session?.phase === "evaluating";
    });
    await during(victim, () => insist("finish", act("finish"), is("finished")));
}

/** Each session's acts stand once in the log, each expert was confirmed once, no seat is booked twice. */
async function checkOnce(id) {
    const regulator = await as("regulator");
    const entries = (await until("the log", () => regulator.get(`/log?after=0&session_id=${id}`))).items;
    const counts = new Map();
    for (const entry of entries) counts.set(entry.act, (counts.get(entry.act) ?? 0) + 1);
    for (const act of ["session.request", "session.draw", "session.open_entry", "session.start", "session.finish"])
        assert.ok((counts.get(act) ?? 1) === 1, `${act} stands ${counts.get(act)} times`);
}

const sessions = [
    ["coordinator", { main: "lanzhou", secondary: "tianshui" }],
    ["draw", { main: "tianshui", secondary: "jiuquan", room: "tianshui-r2" }],
    ["venue-lanzhou", { main: "lanzhou", secondary: "jiuquan", room: "lanzhou-r2" }],
];

for (const [victim, places] of sessions) {
    test(`kill -9 of ${victim} at every step: the session goes on`, async () => {
        const played = await playSession(victim, places);
        await finishSession(victim, played);
        await checkOnce(played.id);
    });
}

test("no expert was confirmed twice for one committee", async () => {
    const confirmations = new Map();
    for (const message of await messages(province)) {
        if (!/[0-9]{6}/.test(message.text) || message.text.includes("回复1")) continue;
        const key = `${message.to} ${message.text}`;
        confirmations.set(key, (confirmations.get(key) ?? 0) + 1);
    }
    for (const [key, count] of confirmations) assert.equal(count, 1, `sent ${count} times: ${key.slice(0, 20)}…`);
});

test("the log verifies after all of it", async () => {
    await province.stop();
    await run(province.program("tp-coordinator"), ["--config", join(province.dir, "coordinator", "coordinator.ini"), "--check-log"]);
});
