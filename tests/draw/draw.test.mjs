// tp-draw through its real sockets: from commit to login, refusals, substitutes, and kill -9 between the steps.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sodium from "libsodium-wrappers";
import { run } from "../../deploy/demo/process.mjs";
import { Keeper, base64, makePlan, program, until } from "./keeper.mjs";

let keeper;
before(async () => {
    keeper = await Keeper.make();
    await keeper.start();
});
after(() => keeper?.end());

function lawful(plan, members) {
    const people = members.map((member) => member.expert);
    assert.equal(new Set(people.map((expert) => expert.id)).size, people.length, "nobody twice");
    assert.equal(new Set(people.map((expert) => expert.employer)).size, people.length, "one per employer");
    for (const { venue, city, specialty, count } of plan.seats) {
        const here = members.filter((member) => member.venue === venue && member.specialty === specialty);
        assert.equal(here.length, count);
        for (const { expert } of here) {
            assert.equal(expert.city, city);
            assert.ok(expert.specialties.includes(specialty));
        }
    }
}

async function openList(plan) {
    const recipient = sodium.crypto_box_keypair();
    const sealed = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/seal`, { recipient_seal_public: base64(recipient.publicKey) });
    const opened = sodium.crypto_box_seal_open(Buffer.from(sealed.sealed, "base64url"), recipient.publicKey, recipient.privateKey);
    const text = Buffer.from(opened.slice(0, -65));
    const { keeper: keys } = await keeper.expect("GET", "/v1/info");
    const domain = Buffer.from("tongping.list.v1");
    const signed = Buffer.concat([Buffer.from([1, domain.length]), domain, text]);
    assert.ok(sodium.crypto_sign_verify_detached(opened.slice(-64), signed, Buffer.from(keys.sign_public, "base64url")));
    return { sealed, list: JSON.parse(text.toString("utf8")) };
}

const byNumber = (number) => keeper.experts.find((expert) => expert.id_number === number);

test("whole draw: commit, start, replies, complete, sealed list, login", async () => {
    const plan = makePlan();
    const committed = await keeper.call("POST", "/v1/draws", plan);
    assert.equal(committed.status, 201);
    assert.equal(committed.json.state, "committed");
    assert.equal(committed.json.commit.eligible.length, 3);
    assert.ok(committed.json.commit.eligible.every(({ count }) => count > 5));
    const again = await keeper.call("POST", "/v1/draws", plan);
    assert.equal(again.status, 200);
    assert.deepEqual(again.json, committed.json);
    const other = await keeper.call("POST", "/v1/draws", { ...plan, max_per_employer: 2 });
    assert.equal(other.status, 409);
    assert.equal(other.json.error.code, "draw.other_plan");

    const started = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/start`, { log_head: "01".repeat(32) });
    assert.equal(started.state, "inviting");
    assert.equal(started.waiting, 5);
    assert.deepEqual(started.members.map(({ label }) => label), [null, null, null, null, null]);
    const notYet = await keeper.call("POST", `/v1/draws/${plan.draw_id}/seal`, { recipient_seal_public: base64(Buffer.alloc(32, 9)) });
    assert.equal(notYet.json.error.code, "draw.not_complete");

    const view = await keeper.answerAll(plan.draw_id);
    assert.equal(view.state, "complete");
    assert.deepEqual(view.members.map(({ label }) => label).sort(), ["专家 1", "专家 2", "专家 3", "专家 4", "专家 5"]);
    const { sealed, list } = await openList(plan);
    assert.equal(sealed.count, 5);
    lawful(plan, list.experts.map((entry) => ({ ...entry, expert: byNumber(entry.id_number) })));

    const entry = list.experts.find(({ venue }) => venue === "tianshui");
    const code = await until("the entry code", () => keeper.entryCode(entry.phone));
    const passed = await keeper.login(plan, "tianshui", "tianshui-r1-s01", { id_number: entry.id_number, code });
    assert.equal(passed.status, 200);
    assert.equal(passed.json.handle, entry.handle);
    const assertion = JSON.parse(passed.json.assertion);
    assert.equal(assertion.seat_id, "tianshui-r1-s01");
    const { keeper: keys } = await keeper.expect("GET", "/v1/info");
    const domain = Buffer.from("tongping.assertion.v1");
    assert.ok(sodium.crypto_sign_verify_detached(
        Buffer.from(passed.json.signature, "base64url"),
        Buffer.concat([Buffer.from([1, domain.length]), domain, Buffer.from(passed.json.assertion)]),
        Buffer.from(keys.sign_public, "base64url"),
    ));
    const elsewhere = await keeper.login(plan, "lanzhou", "lanzhou-r1-s01", { id_number: entry.id_number, code });
    assert.equal(elsewhere.status, 403);
    assert.equal(elsewhere.json.error.code, "login.wrong_venue");
});

test("login: wrong code, unknown number, foreign seat, replay and an old clock are refused alike; five tries lock", async () => {
    const plan = makePlan();
    await keeper.begin(plan);
    await keeper.answerAll(plan.draw_id);
    const { list } = await openList(plan);
    const [one, two] = list.experts.filter(({ venue }) => venue === "lanzhou");
    const code = await until("the entry code", () => keeper.entryCode(one.phone));
    const wrong = code === "000000" ? "000001" : "000000";
    const stranger = keeper.experts.find((expert) => !list.experts.some(({ id_number }) => id_number === expert.id_number));
    const seat = (n) => `lanzhou-r2-s${n}`;
    const refusals = [
        await keeper.login(plan, "lanzhou", seat(1), { id_number: one.id_number, code: wrong }),
        await keeper.login(plan, "lanzhou", seat(2), { id_number: stranger.id_number, code }),
        await keeper.login(plan, "lanzhou", seat(3), { id_number: "999999190001010000", code }),
        await keeper.login(plan, "lanzhou", seat(4), { id_number: one.id_number, code, seat_id: seat(5) }),
        await keeper.login(plan, "lanzhou", seat(5), { id_number: one.id_number, code, at: Date.now() - 6 * 60_000 }),
        await keeper.login(plan, "lanzhou", seat(6), { id_number: one.id_number, code, session_id: "ses_other" }),
        await keeper.call("POST", "/v1/logins", { draw_id: plan.draw_id, venue: "lanzhou", seat_id: seat(7), sealed: base64(Buffer.alloc(200, 7)) }),
    ];
    for (const refusal of refusals) {
        assert.equal(refusal.status, 403);
        assert.equal(refusal.text, refusals[0].text, "refusals are not told apart");
    }

    const secondCode = await until("the entry code", () => keeper.entryCode(two.phone));
    const sealed = await keeper.seal({ id_number: two.id_number, code: secondCode, session_id: plan.session_id, seat_id: seat(8) });
    const body = { draw_id: plan.draw_id, venue: "lanzhou", seat_id: seat(8), sealed };
    assert.equal((await keeper.call("POST", "/v1/logins", body)).status, 200);
    assert.equal((await keeper.call("POST", "/v1/logins", body)).json.error.code, "login.refused", "a credential works once");

    const locked = makePlan();
    await keeper.begin(locked);
    await keeper.answerAll(locked.draw_id);
    const third = (await openList(locked)).list.experts.find((entry) => ![one, two].some(({ id_number }) => id_number === entry.id_number));
    const thirdCode = await until("the entry code", () => keeper.entryCode(third.phone));
    for (let tries = 0; tries < 5; tries++)
        assert.equal((await keeper.login(locked, third.venue, `x-r3-s${tries}`, { id_number: third.id_number, code: "999999" === thirdCode ? "1" : "999999" })).status, 403);
    const shut = await keeper.login(locked, third.venue, "x-r3-s9", { id_number: third.id_number, code: thirdCode });
    assert.equal(shut.status, 429, "the right code does not open a locked number");
    assert.equal(shut.json.error.code, "login.too_many_tries");
    await keeper.kill();
    await keeper.draw.start();
    assert.equal((await keeper.login(locked, third.venue, "x-r3-s9", { id_number: third.id_number, code: thirdCode })).status, 429, "a restart does not unlock");
});

test("declines, silence and leave are substituted; accepted members stay", async () => {
    const plan = makePlan({ reply_window_ms: 60_000 });
    await keeper.begin(plan);
    let declined = 0;
    const first = await keeper.answerAll(plan.draw_id, () => (declined++ < 2 ? "2" : "1"));
    assert.equal(first.state, "complete");
    assert.equal(first.declined, 2);
    assert.ok(first.rounds >= 2);
    const before = await openList(plan);
    const leaver = before.list.experts[0];
    const left = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/leave`, { handle: leaver.handle, reason: "病假" });
    assert.equal(left.state, "inviting");
    assert.equal(left.waiting, 1);
    const repeated = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/leave`, { handle: leaver.handle, reason: "病假" });
    assert.equal(repeated.rounds, left.rounds, "the same leave again changes nothing");
    const second = await keeper.answerAll(plan.draw_id);
    assert.equal(second.state, "complete");
    const changed = await openList(plan);
    assert.notEqual(changed.sealed.transcript_hash, before.sealed.transcript_hash);
    const handles = changed.list.experts.map(({ handle }) => handle);
    assert.ok(!handles.includes(leaver.handle));
    for (const { handle } of before.list.experts.slice(1)) assert.ok(handles.includes(handle), "who accepted stays");
    lawful(plan, changed.list.experts.map((entry) => ({ ...entry, expert: byNumber(entry.id_number) })));
    const code = await keeper.entryCode(leaver.phone);
    assert.equal((await keeper.login(plan, leaver.venue, "y-r1-s1", { id_number: leaver.id_number, code })).status, 403, "who left cannot log in");
});

test("nobody replies: the window ends, substitutes are invited, a late reply is thanked", async () => {
    const plan = makePlan({ reply_window_ms: 1500, seats: [{ venue: "lanzhou", city: "兰州", specialty: "A0305", count: 1 }] });
    const started = await keeper.begin(plan);
    const first = started.members[0].handle;
    const view = await until("a substitute", async () => {
        const now = await keeper.view(plan.draw_id);
        return now.rounds >= 2 && now;
    });
    assert.equal(view.members.find(({ handle }) => handle === first).state, "silent");
    assert.equal(view.waiting, 1);
    const cancelled = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/cancel`, { reason: "测试" });
    assert.equal(cancelled.state, "cancelled");
    assert.equal((await keeper.call("POST", `/v1/draws/${plan.draw_id}/start`, { log_head: "00".repeat(32) })).json.error.code, "draw.cancelled");
});

test("replies: foreign secret, unknown phone, nonsense, twice, and a change of mind", async () => {
    const plan = makePlan({ seats: [{ venue: "tianshui", city: "天水", specialty: "B0101", count: 1 }] });
    await keeper.begin(plan);
    const invitation = await until("the invitation", async () => (await keeper.messages()).slice(keeper.from).find(({ text }) => text.includes("邀请您")));
    assert.equal((await keeper.reply(invitation.to, "1", "not-the-secret-at-all")).status, 403);
    assert.equal((await keeper.reply("10099999999", "1")).status, 200);
    assert.equal((await keeper.reply(invitation.to, "参加吧")).status, 200);
    assert.equal((await keeper.view(plan.draw_id)).waiting, 1, "none of these counted");
    const voices = (await keeper.invitations("voice")).filter(({ to }) => to === invitation.to).length;
    await keeper.reply(invitation.to, "3");
    await until("the repeated call", async () => (await keeper.invitations("voice")).filter(({ to }) => to === invitation.to).length > voices);
    assert.equal((await keeper.reply(invitation.to, " １ ")).status, 200);
    assert.equal((await keeper.view(plan.draw_id)).state, "complete");
    await keeper.reply(invitation.to, "1");
    await keeper.reply(invitation.to, "2");
    const view = await keeper.view(plan.draw_id);
    assert.equal(view.state, "complete", "an accepted place is given up through the center, not by a stray 2");
    assert.equal(view.accepted, 1);
});

test("bad plans are refused with the field, impossible ones with the reason", async () => {
    const bad = async (changes, code) => {
        const answer = await keeper.call("POST", "/v1/draws", makePlan(changes));
        assert.equal(answer.json.error.code, code, JSON.stringify(answer.json));
        return answer.json.error;
    };
    assert.equal((await bad({ extra: 1 }, "json.unknown_field")).field, "extra");
    await bad({ draw_id: "a b" }, "plan.bad_id");
    await bad({ seats: [makePlan().seats[0], makePlan().seats[0]] }, "plan.double_cell");
    await bad({ message: { time_text: "x", venues: [{ venue: "other", place_text: "y" }] } }, "plan.no_place");
    const nobody = await bad({ seats: [{ venue: "lanzhou", city: "兰州", specialty: "Z9999", count: 1 }] }, "draw.infeasible");
    assert.match(nobody.message, /Z9999 at lanzhou .*1 needed, 0 eligible/);
    const employers = [...new Set(keeper.experts.filter(({ city }) => city === "兰州").map(({ employer }) => employer))];
    const excluded = await bad({ exclude: { employers, ids: [] } }, "draw.infeasible");
    assert.match(excluded.message, /A0301 at lanzhou \(兰州\): 2 needed, 0 eligible; [1-9]\d* were excluded/);
    assert.equal((await keeper.call("POST", "/v1/draws", "{\"draw_id\":")).status, 400);
    assert.equal((await keeper.call("GET", "/v1/draws/drw_none")).status, 404);
});

test("who is not the coordinator gets nothing", async () => {
    assert.equal((await keeper.call("GET", "/v1/info", undefined, "stranger")).status, 403);
    await assert.rejects(keeper.call("GET", "/v1/info", undefined, "nobody"));
});

test("events wait for something to happen and come once each", async () => {
    const start = (await keeper.expect("GET", "/v1/events?after=0")).events.at(-1)?.n ?? 0;
    const waiting = keeper.expect("GET", `/v1/events?after=${start}&wait_ms=20000`);
    const plan = makePlan();
    await keeper.begin(plan);
    const { events } = await waiting;
    assert.equal(events[0].n, start + 1);
    assert.equal(events[0].type, "draw.round");
    assert.equal(events[0].draw_id, plan.draw_id);
    await keeper.answerAll(plan.draw_id);
    const all = (await keeper.expect("GET", `/v1/events?after=${start}`)).events;
    assert.deepEqual(all.map(({ n }) => n), all.map((_, index) => start + 1 + index));
    assert.equal(all.filter(({ type }) => type === "draw.reply").length, 5);
    assert.equal(all.at(-1).type, "draw.complete");
    assert.deepEqual((await keeper.expect("GET", `/v1/events?after=${all.at(-1).n}&wait_ms=50`)).events, []);
    assert.equal((await keeper.call("GET", "/v1/events?after=x")).status, 400);
});

test("a dry gateway is noticed; messages go out when it is back, each once", async () => {
    await keeper.failure("refuse");
    const start = (await keeper.expect("GET", "/v1/events?after=0")).events.at(-1)?.n ?? 0;
    const plan = makePlan({ reply_window_ms: 1500 });
    const before = (await keeper.messages()).length;
    await keeper.begin(plan);
    await until("gateway.down", async () => (await keeper.expect("GET", `/v1/events?after=${start}`)).events.some(({ type }) => type === "gateway.down"));
    const dry = await keeper.view(plan.draw_id);
    assert.equal(dry.gateway.ok, false);
    assert.ok(dry.gateway.waiting > 0);
    assert.equal(dry.rounds, 1, "no reply window runs while nobody could be told");
    await keeper.failure("none");
    await until("gateway.up", async () => (await keeper.expect("GET", `/v1/events?after=${start}`)).events.some(({ type }) => type === "gateway.up"), { limitMs: 20_000 });
    await keeper.expect("POST", `/v1/draws/${plan.draw_id}/cancel`, { reason: "测试" });
    const ids = (await keeper.messages()).slice(before).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
});

test("kill -9 after every step: nothing is redrawn, nobody is invited twice", async () => {
    const plan = makePlan();
    const known = (await keeper.messages()).length;
    const restart = async () => {
        await keeper.kill();
        await keeper.draw.start();
    };
    await keeper.expect("POST", "/v1/draws", plan);
    await restart();
    assert.equal((await keeper.call("POST", "/v1/draws", plan)).status, 200);
    const started = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/start`, { log_head: "cd".repeat(32) });
    await restart();
    const resumed = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/start`, { log_head: "cd".repeat(32) });
    assert.deepEqual(resumed.members.map(({ handle }) => handle), started.members.map(({ handle }) => handle));
    const invited = await until("all invitations", async () => {
        const all = (await keeper.messages()).slice(known).filter(({ text }) => text.includes("邀请您"));
        return all.length >= 10 && all;
    });
    const phones = invited.filter(({ kind }) => kind === "sms").map(({ to }) => to);
    for (const [index, phone] of phones.entries()) {
        await keeper.reply(phone, index === 1 ? "2" : "1");
        await restart();
    }
    const view = await keeper.answerAll(plan.draw_id);
    assert.equal(view.state, "complete");
    assert.equal(view.rounds, 2);
    assert.deepEqual(view.members.slice(0, 5).map(({ handle }) => handle), started.members.map(({ handle }) => handle));
    await restart();
    assert.equal((await keeper.view(plan.draw_id)).state, "complete");
    await until("the outbox to be empty", async () => (await keeper.view(plan.draw_id)).gateway.waiting === 0);
    const mine = (await keeper.messages()).slice(known);
    const sent = mine.map(({ to, kind, text }) => `${to} ${kind} ${text.includes("邀请您")}`);
    assert.equal(new Set(sent).size, sent.length, "each invitation and confirmation once");
});

test("kill -9 while messages go out: all arrive, none twice", async () => {
    const known = (await keeper.messages()).length;
    const plan = makePlan({ seats: ["A0301", "A0305", "B0101", "A0308"].map((specialty) => ({ venue: "lanzhou", city: "兰州", specialty, count: 4 })), max_per_employer: null });
    await keeper.begin(plan);
    for (let kills = 0; kills < 6; kills++) {
        await keeper.kill();
        await keeper.draw.start();
    }
    await until("the outbox to be empty", async () => (await keeper.view(plan.draw_id)).gateway.waiting === 0);
    const mine = (await keeper.messages()).slice(known);
    assert.equal(mine.length, 32);
    assert.equal(new Set(mine.map(({ to, kind }) => `${to} ${kind}`)).size, 32);
    await keeper.expect("POST", `/v1/draws/${plan.draw_id}/cancel`, { reason: "测试" });
});

test("no name, ID number or phone in answers, log lines or plain in the store", async () => {
    const plan = makePlan();
    await keeper.begin(plan);
    await keeper.answerAll(plan.draw_id);
    const { list } = await openList(plan);
    const shown = [
        JSON.stringify(await keeper.view(plan.draw_id)),
        JSON.stringify(await keeper.expect("GET", `/v1/draws/${plan.draw_id}/transcript`)),
        JSON.stringify(await keeper.expect("GET", "/v1/events?after=0")),
        JSON.stringify(await keeper.expect("GET", "/v1/specialties")),
        keeper.log(),
    ].join("\n");
    const store = ["store.db", "store.db-wal"].map((file) => {
        try {
            return readFileSync(join(keeper.dir, "draw", file)).toString("latin1");
        } catch {
            return "";
        }
    }).join("\n");
    for (const { name, id_number, phone } of list.experts) {
        for (const text of [id_number, phone, name]) assert.ok(!shown.includes(text), "shown");
        for (const text of [id_number, phone]) assert.ok(!store.includes(text), "stored in plain");
        assert.ok(!store.includes(Buffer.from(name).toString("latin1")), "name stored in plain");
    }
});

test("tongping list open: the right key opens, any other exits 1", async () => {
    const plan = makePlan();
    await keeper.begin(plan);
    await keeper.answerAll(plan.draw_id);
    const at = (name) => join(keeper.dir, name);
    const tool = program("cli/tongping");
    await run(tool, ["keygen", "--out", at("trading.key")]);
    await run(tool, ["keygen", "--out", at("other.key")]);
    const sealPublic = Buffer.from(readFileSync(at("trading.key.pub"), "utf8").trim().split("\n")[2], "hex");
    const { sealed } = await keeper.expect("POST", `/v1/draws/${plan.draw_id}/seal`, { recipient_seal_public: base64(sealPublic) });
    writeFileSync(at("list.sealed"), sealed);
    const { keeper: keys } = await keeper.expect("GET", "/v1/info");
    const hex = (text) => Buffer.from(text, "base64url").toString("hex");
    writeFileSync(at("keeper.pub"), `tongping-public-key-v1\n${hex(keys.sign_public)}\n${hex(keys.seal_public)}\n`);
    const open = (key) => run(tool, ["list", "open", "--key", at(key), "--keeper-public", at("keeper.pub"), "--json", at("list.sealed")]);
    const opened = JSON.parse(await open("trading.key"));
    assert.equal(opened.experts.length, 5);
    assert.ok(byNumber(opened.experts[0].id_number));
    await assert.rejects(open("other.key"), /1|wrong_key/);
});

// Written from docs/draw.md, without the program's own code; the proof alone is checked by `tp-draw vrf verify`.
test("the transcript verifies from the documented forms, and no changed one does", async () => {
    const plan = makePlan();
    await keeper.begin(plan);
    let replies = 0;
    await keeper.answerAll(plan.draw_id, () => (replies++ === 0 ? "2" : "1"));
    const transcript = await keeper.expect("GET", `/v1/draws/${plan.draw_id}/transcript`);
    const framed = (domain, message) => Buffer.concat([Buffer.from([1, Buffer.byteLength(domain)]), Buffer.from(domain), message]);
    const hash = (domain, message) => Buffer.from(sodium.crypto_generichash(32, framed(domain, Buffer.from(message))));
    const verify = async ({ plan: planText, records, head, keeper: keys }) => {
        let previous = Buffer.alloc(32);
        for (const [index, { record, signature }] of records.entries()) {
            const body = JSON.parse(record);
            assert.equal(body.n, index + 1);
            assert.equal(body.prev, base64(previous));
            assert.ok(sodium.crypto_sign_verify_detached(Buffer.from(signature, "base64url"), framed("tongping.draw.record.v1", Buffer.from(record)), Buffer.from(keys.sign_public, "base64url")));
            if (body.kind === "commit") assert.equal(body.plan_hash, base64(hash("tongping.plan.v1", planText)));
            if (body.kind === "round") {
                const numbers = Buffer.alloc(8);
                numbers.writeUInt32BE(body.attempt, 0);
                numbers.writeUInt32BE(body.round, 4);
                const alpha = framed("tongping.draw.alpha.v1", Buffer.concat([previous, numbers]));
                assert.equal(body.alpha, base64(alpha));
                const hex = (text) => Buffer.from(text, "base64url").toString("hex");
                const { beta } = JSON.parse(await run(program("expert-draw/tp-draw"), ["vrf", "verify", "--json", "--public-hex", hex(keys.vrf_public), "--alpha-hex", alpha.toString("hex"), "--proof-hex", hex(body.proofs[0].proof)]));
                assert.equal(body.seed, base64(hash("tongping.draw.seed.v1", Buffer.concat([alpha, Buffer.from(beta, "hex")]))));
            }
            previous = hash("tongping.draw.record.v1", record);
        }
        assert.equal(head, base64(previous));
    };
    await verify(transcript);
    const kinds = transcript.records.map(({ record }) => JSON.parse(record).kind);
    assert.deepEqual([kinds[0], kinds[1], kinds[2], kinds.at(-1)], ["commit", "start", "round", "complete"]);
    assert.equal(kinds.filter((kind) => kind === "round").length, 2);
    const changed = (change) => {
        const copy = structuredClone(transcript);
        change(copy);
        return assert.rejects(verify(copy));
    };
    await changed((copy) => (copy.plan = copy.plan.replace("60000", "60001")));
    await changed((copy) => copy.records.splice(3, 1));
    await changed((copy) => copy.records.pop());
    await changed((copy) => (copy.records[2].record = copy.records[2].record.replace("\"lot_attempts\":", "\"lot_attempts\":1")));
    await changed((copy) => (copy.keeper.vrf_public = copy.keeper.sign_public));
});

test("a pool imported while the service runs serves the next draw; one under way keeps its own", async () => {
    const underWay = makePlan();
    await keeper.begin(underWay);
    const root = (await keeper.expect("GET", "/v1/info")).pool.root;
    const csv = join(keeper.dir, "draw", "half.csv");
    writeFileSync(csv, readFileSync(join(keeper.dir, "draw", "pool.csv"), "utf8").split("\n").slice(0, 2001).join("\n"));
    const importPool = (...more) => run(program("expert-draw/tp-draw"), ["import", "--config", join(keeper.dir, "draw", "draw.ini"), "--pool", csv, ...more]);
    assert.match(await importPool(), /imported 2000 experts, 0 faults/);
    const { pool } = await keeper.expect("GET", "/v1/info");
    assert.equal(pool.count, 2000);
    assert.notEqual(pool.root, root);
    const next = makePlan();
    assert.equal((await keeper.expect("POST", "/v1/draws", next)).commit.pool_root, pool.root);
    assert.equal((await keeper.expect("POST", "/v1/draws", underWay)).commit.pool_root, root);
    await keeper.expect("POST", `/v1/draws/${underWay.draw_id}/cancel`, { reason: "测试" });

    writeFileSync(csv, "\nE9,某人\n", { flag: "a" });
    await assert.rejects(importPool(), (error) => error.code === 2 && /row 2002: columns/.test(error.err) && /nothing was imported/.test(error.err));
    assert.equal((await keeper.expect("GET", "/v1/info")).pool.root, pool.root);
    assert.match(await importPool("--bad-rows", "skip", "--json"), /"imported":2000,"faults":1/);
});

test("SIGTERM ends it cleanly and soon, also while somebody waits for events", async () => {
    const last = (await keeper.expect("GET", "/v1/events?after=0")).events.at(-1).n;
    const waiting = keeper.call("GET", `/v1/events?after=${last + 1000}&wait_ms=25000`).catch(() => null);
    await keeper.view("drw_test1");
    const since = Date.now();
    await keeper.draw.stop();
    await waiting;
    assert.deepEqual(await keeper.draw.exited, { code: 0, signal: null }, keeper.log().split("\n").slice(-20).join("\n"));
    assert.ok(Date.now() - since < 8000);
    await keeper.draw.start();
});
