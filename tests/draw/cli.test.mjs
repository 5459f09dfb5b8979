// The offline command line through the real program: what auditors and scripts rely on.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { program } from "./keeper.mjs";

const RUN_LIMIT_MS = 60_000;
let dir;
const at = (name) => join(dir, name);

function draw(...words) {
    const { status, stdout, stderr } = spawnSync(program("expert-draw/tp-draw"), words, { cwd: dir, encoding: "utf8", timeout: RUN_LIMIT_MS });
    return { status, stderr, json: stdout.startsWith("{") ? JSON.parse(stdout) : null };
}

function good(...words) {
    const result = draw(...words, "--json");
    assert.equal(result.status, 0, result.stderr);
    return result.json;
}

const header = "id,name,id_number,phone,city,specialties,employer";
const people = [
    ["E1", "C", "A;B", "X"], ["E2", "C", "A", "X"], ["E3", "C", "A", "Y"], ["E4", "C", "A;B", "Z"], ["E5", "C", "B", "Y"],
    ["E6", "C", "B", "W"], ["E7", "C", "A;B", "V"], ["E8", "D", "A", "U"],
].map(([id, city, specialties, employer]) => ({ id, city, specialties: specialties.split(";"), employer }));
const csv = (list) => `${[header, ...list.map(({ id, city, specialties, employer }, i) =>
    `${id},name${i},number${i},1390000000${i},${city},${specialties.join(";")},${employer}`)].join("\n")}\n`;
const makePlan = (changes = {}) => ({
    draw_id: "draw-1",
    seats: [{ venue: "main", city: "C", specialty: "A", count: 2 }, { venue: "second", city: "C", specialty: "B", count: 1 }],
    max_per_employer: 1,
    exclude: { employers: [], ids: [] },
    ...changes,
});
const write = (name, value) => writeFileSync(at(name), typeof value === "string" ? value : JSON.stringify(value));

before(() => {
    dir = mkdtempSync(join(tmpdir(), "tp-draw-cli-"));
    write("pool.csv", csv(people));
    write("plan.json", makePlan());
    for (const key of ["keeper", "agency", "regulator"]) assert.equal(draw("keygen", "--out", key).status, 0);
});
after(() => rmSync(dir, { recursive: true, force: true }));

const keys = ["--key", "keeper", "--key", "agency"];
const run = (out, ...more) => good("run", "--pool", "pool.csv", "--plan", "plan.json", ...keys, "--out", out, ...more);

/** All lawful committees, by trying everything: lists of the ids of each cell. */
function enumerate(plan, pool) {
    const found = [];
    const fill = (cell, left, from, chosen) => {
        if (cell === plan.seats.length) return found.push(chosen.map(({ id }) => id));
        if (left === 0) return fill(cell + 1, plan.seats[cell + 1]?.count ?? 0, 0, chosen);
        for (let i = from; i < pool.length; i++) {
            const expert = pool[i];
            const seat = plan.seats[cell];
            const colleagues = chosen.filter(({ employer }) => employer === expert.employer).length;
            if (expert.city !== seat.city || !expert.specialties.includes(seat.specialty) || chosen.includes(expert)) continue;
            if (plan.max_per_employer !== null && colleagues >= plan.max_per_employer) continue;
            if (plan.exclude.employers.includes(expert.employer) || plan.exclude.ids.includes(expert.id)) continue;
            fill(cell, left - 1, i + 1, [...chosen, expert]);
        }
        return undefined;
    };
    fill(0, plan.seats[0].count, 0, []);
    return found;
}

function checkOdds(plan, pool) {
    write("odds-pool.csv", csv(pool));
    write("odds-plan.json", plan);
    const { status, json } = draw("odds", "--pool", "odds-pool.csv", "--plan", "odds-plan.json", "--json");
    const all = enumerate(plan, pool);
    assert.equal(json.feasible, all.length > 0);
    assert.equal(json.committees, String(all.length));
    assert.equal(status, all.length > 0 ? 0 : 1);
    if (all.length === 0) return assert.match(json.reason, /needed/);
    for (const { id } of pool) {
        const chance = all.filter((ids) => ids.includes(id)).length / all.length;
        assert.ok(Math.abs(json.chance[id] - chance) < 1e-12, `${id}: ${json.chance[id]} for ${chance}`);
    }
    return undefined;
}

test("odds: equal to trying every committee, on plans made up from a fixed sequence", () => {
    checkOdds(makePlan(), people);
    checkOdds(makePlan({ max_per_employer: null, exclude: { employers: ["X"], ids: ["E7"] } }), people);
    let state = 7;
    const below = (bound) => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return (state >>> 8) % bound;
    };
    for (let round = 0; round < 40; round++) {
        const pool = Array.from({ length: 4 + below(5) }, (_, i) => ({
            id: `P${i}`, city: below(4) === 0 ? "D" : "C", specialties: [["A"], ["B"], ["A", "B"]][below(3)], employer: `F${below(4)}`,
        }));
        const seats = [
            { venue: "main", city: "C", specialty: "A", count: 1 + below(2) },
            { venue: "second", city: below(3) === 0 ? "D" : "C", specialty: "B", count: 1 },
        ];
        checkOdds(makePlan({ seats, max_per_employer: [1, 2, null][below(3)], exclude: { employers: below(3) === 0 ? ["F0"] : [], ids: [] } }), pool);
    }
});

test("run: a function of keys and plan, lawful, verified, and without ids or names in the transcript", () => {
    const first = run("a.json");
    assert.deepEqual(run("b.json"), first);
    assert.deepEqual(readFileSync(at("a.json")), readFileSync(at("b.json")));
    const ids = first.committee.map(({ id }) => id);
    const sorted = [...ids.slice(0, 2).sort(), ids[2]];
    assert.ok(enumerate(makePlan(), people).some((committee) => committee.join() === sorted.join()), "lawful");
    const text = readFileSync(at("a.json"), "utf8");
    for (const word of ["name", "number", "139", ...people.map(({ id }) => `"${id}\\"`)]) assert.ok(!text.includes(word), word);
    const verified = good("verify", "--pool", "pool.csv", "a.json", "--plan", "plan.json");
    assert.equal(verified.valid, true);
    assert.equal(verified.rounds, 1);
    write("plan-2.json", makePlan({ draw_id: "draw-2" }));
    good("run", "--pool", "pool.csv", "--plan", "plan-2.json", ...keys, "--out", "c.json");
    const seed = (name) => JSON.parse(JSON.parse(readFileSync(at(name), "utf8")).records[1].record).seed;
    assert.notEqual(seed("c.json"), seed("a.json"));
    assert.equal(draw("verify", "--pool", "pool.csv", "a.json", "--plan", "plan-2.json").status, 1);
});

test("verify: every change of one character in transcript, pool and plan is found", () => {
    run("t.json");
    const files = { "t.json": 29, "pool.csv": 7, "plan.json": 5 };
    for (const [name, step] of Object.entries(files)) {
        const text = readFileSync(at(name), "latin1");
        const changed = `changed-${name}`;
        for (let i = 0; i < text.length; i += step) {
            const other = text[i] === "1" ? "2" : "1";
            writeFileSync(at(changed), text.slice(0, i) + other + text.slice(i + 1), "latin1");
            const of = (file) => file === name ? changed : file;
            const { status } = draw("verify", "--pool", of("pool.csv"), of("t.json"), "--plan", of("plan.json"));
            assert.ok(status === 1 || status === 2, `${name}, character ${i}: exit ${status}`);
        }
    }
});

test("verify: names the first thing that is false", () => {
    run("t.json");
    const whole = JSON.parse(readFileSync(at("t.json"), "utf8"));
    const falseOf = (change) => {
        const copy = structuredClone(whole);
        change(copy);
        write("f.json", copy);
        const { status, json } = draw("verify", "--pool", "pool.csv", "f.json", "--json");
        assert.equal(status, 1);
        assert.equal(json.valid, false);
        return json.false;
    };
    assert.equal(falseOf((it) => { it.records[1].signature = it.records[0].signature; }), "records[1].signature");
    assert.equal(falseOf((it) => { it.head = "A".repeat(43); }), "head");
    assert.equal(falseOf((it) => { it.records.pop(); }), "head");
    assert.equal(falseOf((it) => { it.opening.salt_key = "A".repeat(43); }), "records[0].pool_root");
    write("pool-2.csv", csv(people).replace("name3", "name9"));
    assert.equal(draw("verify", "--pool", "pool-2.csv", "t.json", "--json").json.false, "records[0].pool_file");
});

test("substitute: accepted members stay, who declined leaves, the log tells of every round", () => {
    const before = run("s1.json", "--log", "draws.log");
    const [gone, ...stay] = before.committee;
    const next = good("substitute", "--transcript", "s1.json", "--pool", "pool.csv", ...keys, "--decline", gone.handle, "--out", "s2.json", "--log", "draws.log");
    assert.equal(next.rounds, 2);
    assert.equal(next.committee.length, before.committee.length);
    assert.ok(next.committee.every(({ id }) => id !== gone.id));
    for (const member of stay) assert.ok(next.committee.some(({ id, venue }) => id === member.id && venue === member.venue));
    good("verify", "--pool", "pool.csv", "s2.json", "--log", "draws.log");
    assert.equal(draw("verify", "--pool", "pool.csv", "s1.json", "--log", "draws.log").status, 1, "cut short");
    const again = draw("run", "--pool", "pool.csv", "--plan", "plan.json", ...keys, "--out", "s3.json", "--log", "draws.log");
    assert.equal(again.status, 1, "a second attempt");
    const wrong = (...words) => draw("substitute", "--transcript", "s2.json", "--pool", "pool.csv", "--out", "s3.json", ...words).status;
    assert.equal(wrong(...keys, "--decline", gone.handle), 2);
    assert.equal(wrong("--key", "keeper", "--key", "regulator", "--decline", stay[0].handle), 2);
    // Until nobody is left: refused with the reason, and the log tells of nothing that did not happen.
    let last = { name: "s2.json", ...next };
    for (let round = 3; round < 12; round++) {
        const name = `s${round}.json`;
        const log = readFileSync(at("draws.log"), "utf8");
        const result = draw("substitute", "--transcript", last.name, "--pool", "pool.csv", ...keys, "--decline", last.committee[0].handle, "--out", name, "--log", "draws.log", "--json");
        if (result.status === 0) {
            last = { name, ...result.json };
            continue;
        }
        assert.equal(result.status, 1, result.stderr);
        assert.match(result.json.reason, /drawn before in this draw/);
        assert.equal(readFileSync(at("draws.log"), "utf8"), log);
        good("verify", "--pool", "pool.csv", last.name, "--log", "draws.log");
        return;
    }
    assert.fail("substitutes never ended");
});

test("a lawful attempt too rare: the sampler draws, and verifies", () => {
    // Twelve seats, one of each of 12 employers with two people: 2^12 = 4,096 of C(24, 12) = 2,704,156 are lawful.
    const pool = Array.from({ length: 24 }, (_, i) => ({ id: `R${String(i).padStart(2, "0")}`, city: "C", specialties: ["A"], employer: `F${i >> 1}` }));
    write("rare.csv", csv(pool));
    write("rare.json", makePlan({ seats: [{ venue: "main", city: "C", specialty: "A", count: 12 }] }));
    const { committee, attempts } = good("run", "--pool", "rare.csv", "--plan", "rare.json", ...keys, "--out", "rare-t.json");
    assert.equal(attempts, 1);
    assert.equal(new Set(committee.map(({ id }) => pool.find((expert) => expert.id === id).employer)).size, 12);
    assert.equal(JSON.parse(JSON.parse(readFileSync(at("rare-t.json"), "utf8")).records[1].record).method, "sampler");
    good("verify", "--pool", "rare.csv", "rare-t.json");
});

test("bad input ends with 2 and says what is wrong; an impossible plan with 1 and the reason", () => {
    const broken = (pool, plan) => {
        write("bad.csv", pool);
        write("bad.json", plan);
        return draw("odds", "--pool", "bad.csv", "--plan", "bad.json", "--json");
    };
    const rows = csv(people);
    for (const [pool, plan, code] of [
        ["", makePlan(), "pool.no_header"],
        [rows.replace("employer", "firm"), makePlan(), "pool.no_column"],
        [rows.replace(",X\n", "\n"), makePlan(), "pool.bad_row"],
        [rows.replace("E2,", "E1,"), makePlan(), "pool.bad_row"],
        [`${rows}E9,"open`, makePlan(), "csv.unclosed_quote"],
        [rows, "", "json.malformed"],
        [rows, "{", "json.malformed"],
        [rows, "[]", undefined],
        [rows, makePlan({ seats: [] }), undefined],
        [rows, makePlan({ other: 1 }), "json.unknown_field"],
        [rows, makePlan({ max_per_employer: 0 }), undefined],
    ]) {
        const { status, json, stderr } = broken(pool, plan);
        assert.equal(status, 2, `${code}: ${stderr}`);
        if (code !== undefined) assert.equal(json.error.code, code);
        assert.ok(json.error.message.length > 3);
    }
    assert.equal(draw("odds", "--pool", "nowhere.csv", "--plan", "plan.json").status, 2);
    assert.equal(draw("verify", "--pool", "pool.csv", "pool.csv").status, 2);
    assert.equal(draw("run", "--pool", "pool.csv", "--plan", "plan.json", "--out", "x.json").status, 2);
    assert.equal(draw("nonsense").status, 2);
    write("much.json", makePlan({ seats: [{ venue: "main", city: "C", specialty: "A", count: 9 }] }));
    const impossible = draw("run", "--pool", "pool.csv", "--plan", "much.json", ...keys, "--out", "x.json", "--json");
    assert.equal(impossible.status, 1);
    assert.match(impossible.json.reason, /specialty A at main: 9 needed, 5 eligible/);
});
