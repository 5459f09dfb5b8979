// kill -9 of the coordinator under load: nothing acknowledged is lost, nothing happens twice, the log holds. And the
// messages to the staff: while the gateway is away they wait, afterwards each goes out once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { run } from "../../deploy/demo/process.mjs";
import { until, User } from "../support/https.mjs";
import { addLot, commonSpecialties, loginAs, messages, SLOT_MS, temporaryProvince } from "../support/scenario.mjs";

const SESSIONS = 120;
const CONNECTIONS = 12;
const KILLS = 4;
const SLOTS_A_DAY = 40;
let province, agency, specialties;

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    agency = await loginAs(province, "agency");
    specialties = await commonSpecialties(agency);
});

after(async () => {
    agency?.close();
    await province?.remove();
});

/** A half hour of its own from tomorrow on, so that no request is refused. */
function slotOf(index) {
    const dayStart = Math.floor((Date.now() + 8 * 3_600_000) / 86_400_000 + 1) * 86_400_000 - 8 * 3_600_000;
    return dayStart + Math.floor(index / SLOTS_A_DAY) * 86_400_000 + (index % SLOTS_A_DAY) * SLOT_MS;
}

function bodyOf(lot, start) {
    const [first, second] = specialties;
    return {
        lot_id: lot.id,
        start_at: start,
        end_at: start + SLOT_MS,
        main: { center_id: "lanzhou", room_ids: ["lanzhou-r1"], tenderer_representatives: 0, experts: [{ specialty: first, count: 2 }, { specialty: second, count: 1 }] },
        choice: "pick",
        secondary_count: 1,
        secondary: [{ center_id: "tianshui", seat_ids: ["tianshui-r1-s01", "tianshui-r1-s02"], experts: [{ specialty: first, count: 2 }] }],
    };
}

/** Sends until it is answered, always with the same key: what the lost answer said must come again. */
async function insist(body, key) {
    return until(`session ${key}`, async () => {
        const answer = await agency.call("POST", "/sessions", body, { "idempotency-key": key });
        if (answer.status === 201) return answer.json;
        assert.ok(answer.status >= 500, `${key}: ${answer.status} ${answer.text}`);
        return null;
    }, { limitMs: 60_000, everyMs: 100 });
}

test("kill -9 under load: every acknowledged session is there once", async () => {
    const lots = [];
    for (let index = 0; index < SESSIONS; index++) lots.push(await addLot(agency));
    const made = new Array(SESSIONS);
    let next = 0;
    let done = 0;
    const senders = Array.from({ length: CONNECTIONS }, async () => {
        while (next < SESSIONS) {
            const index = next++;
            made[index] = await insist(bodyOf(lots[index], slotOf(index)), `kill-${index}`);
            done++;
        }
    });
    const program = province.programs.get("coordinator");
    for (let kill = 1; kill <= KILLS; kill++) {
        await until("some load", () => done >= (kill * SESSIONS) / (KILLS + 2), { everyMs: 1 });
        await program.kill();
        await program.start();
    }
    await Promise.all(senders);
    assert.equal(new Set(made.map((session) => session.id)).size, SESSIONS);
    for (const session of made) {
        const read = await agency.get(`/sessions/${session.id}`);
        assert.equal(read.state, "confirming");
        assert.equal(read.venues.flatMap((venue) => venue.seats).length, 5);
        assert.equal(read.timeline.filter((entry) => entry.act === "session.request").length, 1);
    }
    for (let index = 0; index < SESSIONS; index++) {
        const again = await agency.call("POST", "/sessions", bodyOf(lots[index], slotOf(index)), { "idempotency-key": `kill-${index}` });
        assert.equal(again.json.id, made[index].id);
    }
    let count = 0;
    for (let cursor = ""; cursor !== null;) {
        const page = await agency.get(`/sessions?cursor=${cursor}`);
        count += page.items.length;
        cursor = page.next;
    }
    assert.equal(count, SESSIONS);
});

test("the log holds after all of it", async () => {
    const program = province.programs.get("coordinator");
    await program.kill();
    const checked = await run(province.program("tp-coordinator"), ["--config", join(province.dir, "coordinator", "coordinator.ini"), "--check-log"]);
    assert.match(checked, /^log holds n=\d+/);
    await program.start();
});

test("A5: an SMS to each venue's staff, kept while the gateway is away, sent once", async () => {
    const staffPhones = province.logins.filter((login) => ["staff-lanzhou", "staff-tianshui"].includes(login.name)).map((login) => login.phone);
    const ofStaff = async () => (await messages(province, 0)).filter((message) => staffPhones.includes(message.to));
    await until("the messages of the first sessions", async () => (await ofStaff()).length >= 2 * SESSIONS, { limitMs: 60_000 });
    await province.programs.get("gateway").kill();
    const lot = await addLot(agency, { name: "短信不丢的标段" });
    await agency.post("/sessions", bodyOf(lot, slotOf(SESSIONS)));
    await province.programs.get("coordinator").kill();
    await province.programs.get("coordinator").start();
    await province.programs.get("gateway").start();
    const mine = async () => (await ofStaff()).filter((message) => message.text.includes("短信不丢的标段"));
    await until("both messages", async () => (await mine()).length === 2, { limitMs: 60_000 });
    assert.deepEqual([...new Set((await mine()).map((message) => message.to))].sort(), [...staffPhones].sort());
});

test("a login outlives a restart, and ends with its logout only", async () => {
    const login = province.logins.find((each) => each.name === "operator");
    const operator = await User.login(province.url, province.ca, login.name, login.password);
    const program = province.programs.get("coordinator");
    await program.kill();
    await program.start();
    assert.equal((await operator.get("/me")).user.name, "operator");
    assert.equal((await operator.call("POST", "/logout")).status, 204);
    assert.equal((await operator.call("GET", "/me")).status, 403);
    operator.close();
});
