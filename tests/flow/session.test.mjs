// One session from request to the end through the real programs of the demo province, without a browser.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../deploy/demo/process.mjs";
import { until } from "../support/https.mjs";
import {
    acceptUntilDrawn, addLot, confirmAll, entryCodes, everyoneLogsIn, loginAs, messages, people, replyTo, requestBody,
    temporaryProvince, Terminal, waitForState, waitingPhones,
} from "../support/scenario.mjs";

let province, agency, main, regulator, operator, session, lot;

before(async () => {
    province = await temporaryProvince();
    await province.start();
    agency = await loginAs(province, "agency");
    main = await loginAs(province, "staff-lanzhou");
    regulator = await loginAs(province, "regulator");
    operator = await loginAs(province, "operator");
});

after(async () => {
    for (const user of [agency, main, regulator, operator]) user?.close();
    await province?.remove();
});

test("the three nodes come up and are seen by the operator", async () => {
    const nodes = await until("three nodes", async () => {
        const { items } = await operator.get("/nodes");
        return items.length === 3 && items.every((node) => node.state === "up") ? items : null;
    });
    for (const node of nodes) {
        assert.ok(node.enrolled);
        assert.ok(node.disk_free_bytes > 0);
        assert.ok(Math.abs(node.clock_offset_ms) < 1000);
    }
});

test("A1 from the trading system: a signed lot enters once", async () => {
    const lotCode = `TS-${Date.now()}`;
    const send = () => run(province.program("tp-demo-trading"), ["--config", join(province.dir, "trading", "trading.ini"), "--send-lot", lotCode, "酒泉体育馆改造", String(Date.now() + 3_600_000), "A620001"]);
    await send();
    const found = (await agency.get("/lots")).items.filter((item) => item.code === lotCode);
    assert.equal(found.length, 1);
    assert.equal(found[0].remote, true);
});

test("A1 to A5: request and confirmation", async () => {
    lot = await addLot(agency);
    session = await agency.post("/sessions", await requestBody(agency, lot));
    session = await confirmAll(province, session);
    assert.equal(session.state, "confirmed");
});

test("A6 A7 A9: the draw, a decline, a substitute; only handles and counts are seen", async () => {
    session = await agency.get(`/sessions/${session.id}`);
    const drawing = await agency.post(`/sessions/${session.id}/draw`, { version: session.version, exclude_employers: [], max_per_employer: null });
    assert.equal(drawing.state, "drawing");
    const [firstPhone] = await until("invitations", async () => {
        const waiting = await waitingPhones(province);
        return waiting.length >= 5 ? waiting : null;
    });
    await replyTo(province, firstPhone, "2");
    const drawn = await acceptUntilDrawn(province, agency, session.id);
    assert.equal(drawn.draw.accepted, 5);
    assert.equal(drawn.draw.declined, 1);
    assert.ok(drawn.draw.rounds >= 2);
    for (const member of drawn.draw.members ?? []) assert.match(member.handle, /^h_[A-Za-z0-9_-]{22}$/);
    const pool = await people(province); // the staff's messages name the project, the experts' never
    const invited = (await messages(province)).filter((message) => pool.has(message.to)).filter((message) => message.text.includes(lot.name) || message.text.includes(lot.code));
    assert.equal(invited.length, 0, "a message to an expert names the project");
});

test("A8: the sealed list is delivered and opens with the trading system's key only", async () => {
    const delivered = await waitForState(agency, session.id, "delivered");
    assert.equal(delivered.delivery.state, "delivered");
    const folder = join(province.dir, "trading", "lists");
    const file = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.includes(session.id)).map((name) => join(folder, name)).at(0);
    assert.ok(file, "the trading system keeps the list");
    const keeper = join(province.dir, "draw", "key.pub");
    const opened = JSON.parse(await run(province.program("tongping"), ["list", "open", "--json", "--key", join(province.dir, "trading", "key"), "--keeper-public", keeper, file]));
    assert.equal(opened.experts.length, 5);
    const pool = await people(province);
    for (const expert of opened.experts) assert.equal(pool.get(expert.phone).name, expert.name);
    await assert.rejects(
        run(province.program("tongping"), ["list", "open", "--json", "--key", join(province.dir, "gateway", "key"), "--keeper-public", keeper, file]),
        (error) => error.code === 1 && !opened.experts.some((expert) => (error.out + error.err).includes(expert.name)),
    );
});

test("A9: a drawn expert takes leave: the draw is carried on, a new version is delivered", async () => {
    const before = await agency.get(`/sessions/${session.id}`);
    const member = before.draw.members.find((each) => each.state === "accepted");
    await agency.post(`/sessions/${session.id}/leave`, { handle: member.handle, reason: "突发疾病", version: before.version });
    const drawn = await acceptUntilDrawn(province, agency, session.id);
    assert.ok(!drawn.draw.members.some((each) => each.handle === member.handle && each.state === "accepted"));
    const delivered = await waitForState(agency, session.id, "delivered");
    assert.equal(delivered.draw.accepted, 5);
});

test("A11: wrong code, wrong number and wrong venue are refused alike; all log in; the start waits for the last", async () => {
    session = await main.get(`/sessions/${session.id}`);
    session = await main.post(`/sessions/${session.id}/open-entry`, { version: session.version });
    assert.equal(session.state, "entry");
    const seat = session.venues[0].seats[0].id;
    const terminal = await new Terminal(province, seat).enrol();
    await until("the plan at the terminal", async () => (await terminal.state()).session?.phase === "entry");
    const pool = await people(province);
    const codes = await entryCodes(province);
    const [phone, code] = [...codes].find(([each]) => pool.get(each)?.city === "兰州");
    const [farPhone, farCode] = [...codes].find(([each]) => pool.get(each)?.city === "天水");
    const wrongCode = await terminal.login(pool.get(phone).id_number, code === "000000" ? "000001" : "000000");
    const wrongNumber = await terminal.login("999999199001010015", code);
    assert.equal(wrongCode.status, 403);
    assert.equal(wrongNumber.status, 403);
    assert.equal(wrongCode.json.error.code, wrongNumber.json.error.code);
    assert.equal((await terminal.login(pool.get(farPhone).id_number, farCode)).json.error.code, "login.wrong_venue");
    const early = await main.call("POST", `/sessions/${session.id}/start`, { version: session.version });
    assert.equal(early.status, 409);
    assert.equal(early.json.error.code, "start.not_all_in");
    const seated = new Map();
    assert.equal(await everyoneLogsIn(province, agency, session.id, seated), 5);
    const full = await until("all in", async () => {
        const each = await main.get(`/sessions/${session.id}`);
        return each.entry.present === 5 ? each : null;
    });
    session = await main.post(`/sessions/${session.id}/start`, { version: full.version });
    assert.equal(session.state, "evaluating");
    await until("the common start at the terminal", async () => (await seated.get(seat).state()).session?.phase === "evaluating");
    const there = await seated.get(seat).state();
    assert.equal(there.session.present.length, 5);
});

test("A15: the regulator raises a matter, the staff answer, he closes it", async () => {
    const matter = await regulator.post(`/sessions/${session.id}/matters`, { center_id: "tianshui", text: "第一评标室画面有无关人员走动，请核实。" });
    const staff = await loginAs(province, "staff-tianshui");
    const todo = await until("to-do of the staff", async () => (await staff.get("/todos")).items.find((each) => each.kind === "matter" && each.session_id === session.id));
    assert.ok(todo);
    await staff.expect("POST", `/matters/${matter.id}/replies`, { text: "已核实，为保洁人员，已离场。" });
    const closed = await regulator.expect("POST", `/matters/${matter.id}/close`);
    assert.equal(closed.state, "closed");
    staff.close();
});

test("the end, and no name, number or phone anywhere but at tp-draw", async () => {
    session = await main.get(`/sessions/${session.id}`);
    session = await main.post(`/sessions/${session.id}/finish`, { version: session.version });
    assert.equal(session.state, "finished");
    const pool = await people(province);
    const touched = [...new Set((await messages(province)).map((message) => message.to))].map((phone) => pool.get(phone)).filter(Boolean);
    assert.ok(touched.length >= 6);
    await province.stop();
    const files = [
        ...["store.db", "store.db-wal"].map((name) => join(province.dir, "coordinator", name)),
        ...["lanzhou", "tianshui", "jiuquan"].flatMap((id) => ["journal.db", "journal.db-wal"].map((name) => join(province.dir, `venue-${id}`, name))),
        ...readdirSync(join(province.dir, "logs")).map((name) => join(province.dir, "logs", name)),
        ...["store.db", "store.db-wal"].map((name) => join(province.dir, "draw", name)),
    ];
    for (const file of files) {
        let bytes;
        try {
            bytes = readFileSync(file);
        } catch {
            continue;
        }
        for (const person of touched)
            for (const secret of [person.name, person.id_number, person.phone])
                assert.ok(!bytes.includes(secret), `${file} holds identity data`);
    }
});
