// One remote evaluation through the pages, in Debian's Chromium: five roles in browsers of their own, from the lot to live
// pictures and sound of two centers.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test as nodeTest } from "node:test";
import { choose, clock, day, go, launch, number, person, picture, shot, signIn } from "../support/browser.mjs";
import { until } from "../support/https.mjs";
import { entryCodes, nextSlot, people, SLOT_MS, temporaryProvince } from "../support/scenario.mjs";

const LOT = { name: "兰州新区人民医院门诊楼施工（一标段）", code: `GS${Date.now()}`, project: "GS2026-0117" };
const REGULATOR = { name: `jianguan${Date.now() % 1e6}`, password: "Jianguan-2026-x", display: "王督导", unit: "甘肃省住房和城乡建设厅", phone: "10000000888" };

let province, browser;
const pages = {};
const seats = { main: [], secondary: [] };
const start = nextSlot();

// The steps build on each other: after the first that fails the others say so at once.
let failed = null;
const test = (name, work) =>
    nodeTest(name, async () => {
        assert.equal(failed, null, `not tried: "${failed}" failed`);
        failed = name;
        try {
            await work();
        } catch (error) {
            for (const [role, page] of Object.entries(pages)) await shot(page, `failed-${role}`).catch(() => {});
            throw error;
        }
        failed = null;
    });

const login = (name) => province.logins.find((each) => each.name === name);
const testid = (page, id) => page.getByTestId(id);

async function confirmDialog(page) {
    await testid(page, "dialog-ok").click();
    await testid(page, "dialog-ok").waitFor({ state: "hidden" });
}

async function openSession(page) {
    await go(page, `${province.url}/sessions`);
    await page.getByText(LOT.name).first().click();
    await testid(page, "session-header").waitFor();
}

before(async () => {
    province = await temporaryProvince({ experts: 10_000, desktops: true, media: true });
    await province.start();
    browser = await launch();
    for (const role of ["agency", "main", "secondary", "regulator", "operator", "phones"]) pages[role] = await person(browser);
});

after(async () => {
    await browser?.close();
    await province?.remove();
});

test("A14: the regulator registers in the page; the operator approves", async () => {
    const { regulator, operator } = pages;
    await go(regulator, `${province.url}/login`);
    await testid(regulator, "login-name").waitFor();
    await shot(regulator, "login");
    await testid(regulator, "to-register").click();
    for (const field of ["display", "unit", "phone", "name", "password"]) await testid(regulator, `register-${field}`).fill(REGULATOR[field]);
    await testid(regulator, "register-again").fill(REGULATOR.password);
    await shot(regulator, "register");
    await testid(regulator, "register-submit").click();
    await testid(regulator, "register-done").waitFor();
    await signIn(operator, province.url, login("operator"));
    await go(operator, `${province.url}/registrations`);
    await shot(operator, "registrations");
    await testid(operator, `approve-${REGULATOR.name}`).click();
    await operator.locator(".el-message-box__btns .el-button--primary, [data-testid=registration-approve-ok]").first().click({ timeout: 3000 }).catch(() => {});
    await testid(operator, `approve-${REGULATOR.name}`).waitFor({ state: "detached" });
    await signIn(regulator, province.url, REGULATOR);
});

test("the operator sees the three nodes up", async () => {
    const { operator } = pages;
    await go(operator, `${province.url}/nodes`);
    for (const center of ["lanzhou", "tianshui", "jiuquan"]) await testid(operator, `node-${center}`).waitFor();
    await shot(operator, "nodes");
});

test("A1 A2 A4: the agency registers the lot and requests venues, choosing the secondary seats", async () => {
    const { agency } = pages;
    await signIn(agency, province.url, login("agency"));
    await shot(agency, "workbench-empty");
    await go(agency, `${province.url}/lots`);
    await testid(agency, "lot-add").click();
    await testid(agency, "lot-name").fill(LOT.name);
    await testid(agency, "lot-code").fill(LOT.code);
    await testid(agency, "lot-project").fill(LOT.project);
    await choose(agency, "lot-industry", "房");
    await choose(agency, "lot-system", "甘肃");
    await day(agency, start);
    await choose(agency, "lot-clock", clock(start));
    await shot(agency, "lot-dialog");
    await testid(agency, "lot-submit").click();
    await testid(agency, `lot-request-${LOT.code}`).waitFor();
    await shot(agency, "lots");
    await testid(agency, `lot-request-${LOT.code}`).click();

    await testid(agency, "request-step-time").or(agency.locator('[data-testid^="request-step-"]')).first().waitFor();
    await day(agency, start);
    await choose(agency, "request-start", clock(start));
    const endClock = clock(start + SLOT_MS) === "00:00" ? "24:00" : clock(start + SLOT_MS);
    await choose(agency, "request-end", endClock);
    await testid(agency, "main-center-lanzhou").click();
    await testid(agency, "main-room-lanzhou-r1").click();
    await number(agency, "representatives", 0);
    await shot(agency, "request-time");
    await testid(agency, "request-next").click();
    await testid(agency, "choice-pick").click();
    await testid(agency, "seat-tianshui-r1-s01").click();
    await testid(agency, "seat-tianshui-r1-s02").click();
    await shot(agency, "request-secondary");
    await testid(agency, "request-next").click();
    const pickFirst = async (id, position) => {
        await testid(agency, id).locator("visible=true").first().click();
        await agency.locator(".el-select-dropdown:visible .el-select-dropdown__item:not(.is-disabled):visible").nth(position).click();
    };
    await pickFirst("needs-main-specialty-0", 0);
    await number(agency, "needs-main-count-0", 2);
    await testid(agency, "needs-main-add").click();
    await pickFirst("needs-main-specialty-1", 1);
    await number(agency, "needs-main-count-1", 1);
    await pickFirst("needs-secondary-0-specialty-0", 0);
    await number(agency, "needs-secondary-0-count-0", 2);
    await shot(agency, "request-experts");
    await testid(agency, "request-next").click();
    await shot(agency, "request-review");
    await testid(agency, "request-submit").click();
    await testid(agency, "session-header").waitFor();
    await shot(agency, "session-confirming");
});

test("A5: both staffs get the to-do live, check and confirm", async () => {
    for (const [role, name] of [["main", "staff-lanzhou"], ["secondary", "staff-tianshui"]]) {
        const page = pages[role];
        await signIn(page, province.url, login(name));
        await go(page, province.url);
        await testid(page, "todo-confirm_venue").first().waitFor();
        await shot(page, `workbench-${role}`);
        await testid(page, "todo-confirm_venue").first().click();
        await testid(page, "check").waitFor();
        await shot(page, `check-${role}`);
        await testid(page, "venue-confirm").click();
        await page.locator(".el-message-box__btns .el-button--primary").first().click({ timeout: 3000 }).catch(() => {});
        await testid(page, "session-header").waitFor();
    }
});

test("A6 A7 A8: the draw; the phones accept; the sealed list is delivered, the page follows by itself", async () => {
    const { agency, phones } = pages;
    await testid(agency, "action-draw").click();
    await shot(agency, "draw-dialog");
    await confirmDialog(agency);
    await testid(agency, "draw-panel").waitFor();
    await go(phones, province.gatewayUrl);
    await phones.locator(".phone").nth(4).waitFor();
    await shot(agency, "session-drawing");
    await shot(phones, "phones");
    // One declines: a substitute is drawn.
    await phones.locator(".phone footer:visible [data-reply='2']").first().click();
    await until("delivered", async () => {
        const everyone = testid(phones, "accept-all");
        if (await everyone.isEnabled()) await everyone.click();
        return (await testid(agency, "delivery").textContent()).includes("已送达") || (await testid(agency, "delivery").textContent()).includes("送达");
    }, { limitMs: 90_000, everyMs: 500 });
    await until("delivered state", async () => (await testid(agency, "session-state").textContent()).length > 0);
    await shot(agency, "session-delivered");
    const text = await agency.locator("body").innerText();
    const pool = await people(province);
    const codes = await entryCodes(province);
    assert.equal(codes.size, 5);
    for (const phone of codes.keys()) for (const secret of [pool.get(phone).name, pool.get(phone).id_number, phone]) assert.ok(!text.includes(secret), "the page shows an identity");
});

test("A11 A12: five experts log in at their seats, wait, and start together", async () => {
    const { main } = pages;
    await openSession(main);
    await testid(main, "action-open-entry").click();
    await confirmDialog(main);
    const pool = await people(province);
    const codes = [...(await entryCodes(province))];
    const venues = [["main", "兰州", ["lanzhou-r1-s01", "lanzhou-r1-s02", "lanzhou-r1-s03"]], ["secondary", "天水", ["tianshui-r1-s01", "tianshui-r1-s02"]]];
    for (const [role, city, seatIds] of venues) {
        const here = codes.filter(([phone]) => pool.get(phone).city === city);
        assert.equal(here.length, seatIds.length);
        for (const [index, seatId] of seatIds.entries()) {
            const page = await person(browser);
            seats[role].push({ page, seatId });
            await go(page, province.terminalUrl(seatId));
            await testid(page, "login").waitFor();
            if (index === 0 && role === "main") await shot(page, "terminal-login");
            const [phone, code] = here[index];
            await testid(page, "terminal-id").locator("visible=true").first().click();
            await page.keyboard.type(pool.get(phone).id_number);
            await testid(page, "terminal-code").locator("visible=true").first().click();
            await page.keyboard.type(code);
            await testid(page, "terminal-submit").click();
            await testid(page, "your-label").waitFor();
        }
    }
    await shot(seats.main[0].page, "terminal-waiting");
    await testid(main, "action-start").waitFor();
    await until("all are in", async () => (await testid(main, "entry").textContent()).includes("5"));
    await shot(main, "session-entry");
    await testid(main, "action-start").click();
    await confirmDialog(main);
    for (const { page } of [...seats.main, ...seats.secondary]) await testid(page, "evaluating").waitFor();
    await shot(seats.secondary[0].page, "terminal-evaluating");
});

async function live(tile, { sound = false } = {}) {
    const frames = async () => Number(await tile.getAttribute("data-frames"));
    const first = await until("first frame", async () => (await frames()) > 0 && (await frames()), { limitMs: 40_000 });
    await until("frames rising", async () => (await frames()) > first, { limitMs: 20_000 });
    const seen = await picture(tile);
    assert.ok(seen.brightness > 8, `black: ${JSON.stringify(seen)}`);
    assert.ok(seen.differing > 0, `still: ${JSON.stringify(seen)}`);
    if (sound) await until("audio level above zero", async () => Number(await tile.getAttribute("data-audio-level")) > 0, { limitMs: 20_000 });
    return seen;
}

test("A15: the regulator watches rooms with sound, seat cameras and desktops of both centers", async () => {
    const { regulator } = pages;
    await openSession(regulator);
    await testid(regulator, "action-watch").click();
    await testid(regulator, "wall").waitFor();
    for (const id of ["lanzhou-r1-env", "tianshui-r1-env", "lanzhou-r1-s01-cam", "tianshui-r1-s01-cam", "lanzhou-r1-s01-desk", "tianshui-r1-s02-desk"])
        await live(testid(regulator, `tile-${id}`));
    await shot(regulator, "watch");
    for (const id of ["tianshui-r1-env", "lanzhou-r1-env"]) {
        await testid(regulator, `tile-${id}`).click();
        const large = testid(regulator, "large-tile");
        await large.and(regulator.locator(`[data-feed="${id}"]`)).waitFor();
        const seen = await live(large, { sound: true });
        assert.ok(seen.width >= 1280, `large is ${seen.width} wide`);
    }
    await shot(regulator, "watch-large");
});

test("kill -9 of tp-media while watching: it is started again and the picture comes back by itself", async () => {
    const { regulator } = pages;
    const large = testid(regulator, "large-tile");
    const node = province.programs.get("venue-lanzhou").pid;
    // Any of its threads may be the parent.
    const children = readdirSync(`/proc/${node}/task`)
        .flatMap((thread) => readFileSync(`/proc/${node}/task/${thread}/children`, "utf8").trim().split(" ").filter(Boolean)).map(Number);
    assert.equal(children.length, 1);
    process.kill(children[0], "SIGKILL");
    await until("the picture is gone", async () => (await large.getAttribute("data-state")) !== "live");
    await until("the picture is back", async () => (await large.getAttribute("data-state")) === "live", { limitMs: 60_000 });
    await live(large, { sound: true });
});

test("A15: he raises a matter; the staff answer; he closes it; each look is in the log", async () => {
    const { regulator, secondary, operator } = pages;
    if (!(await testid(regulator, "matters").isVisible())) await testid(regulator, "watch-matters").click();
    await testid(regulator, "matters").waitFor();
    await choose(regulator, "matter-center", "天水");
    await testid(regulator, "matter-text").locator("visible=true").first().click();
    await regulator.keyboard.type("第一评标室有人员走动，请核实。");
    await testid(regulator, "matter-raise").click();
    await go(secondary, province.url);
    await testid(secondary, "todo-matter").first().waitFor();
    await testid(secondary, "todo-matter").first().click();
    await testid(secondary, "matter-reply").or(testid(secondary, "matter-reply-text")).first().waitFor();
    if (await testid(secondary, "matter-reply").first().isVisible()) await testid(secondary, "matter-reply").first().click().catch(() => {});
    await testid(secondary, "matter-reply-text").locator("visible=true").first().click();
    await secondary.keyboard.type("已核实，为保洁人员，已离场。");
    await shot(secondary, "matter");
    await testid(secondary, "matter-reply-send").click();
    await regulator.getByText("已核实，为保洁人员，已离场。").first().waitFor();
    await testid(regulator, "matter-close").first().click();
    await regulator.locator(".el-message-box__btns .el-button--primary").first().click({ timeout: 3000 }).catch(() => {});
    await go(operator, `${province.url}/log`);
    await testid(operator, "log-table").waitFor();
    await shot(operator, "log");
    await go(operator, `${province.url}/services`);
    await operator.locator('[data-testid^="service-"]').first().waitFor();
    await shot(operator, "services");
});

test("the end; and no page had a fault", async () => {
    const { main } = pages;
    await openSession(main);
    await testid(main, "action-finish").click();
    await confirmDialog(main);
    await until("finished", async () => (await testid(main, "action-finish").count()) === 0);
    await shot(main, "session-finished");
    await go(pages.agency, `${province.url}/sessions`);
    await testid(pages.agency, "sessions-table").waitFor();
    await shot(pages.agency, "sessions");
    await go(main, `${province.url}/schedule`);
    await testid(main, "schedule").waitFor();
    await shot(main, "schedule");
    const all = { ...pages, ...Object.fromEntries([...seats.main, ...seats.secondary].map(({ page, seatId }) => [seatId, page])) };
    for (const [name, page] of Object.entries(all)) assert.deepEqual(page.problems, [], `faults in the page of ${name}`);
    const log = readFileSync(join(province.dir, "logs", "coordinator.log"), "utf8");
    assert.ok(!/ ERROR /.test(log), "the coordinator logged an error");
});
