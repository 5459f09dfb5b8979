// What must not get in: wrong roles on every endpoint, malformed and oversized bodies, missing CSRF, guessed logins.
import assert from "node:assert/strict";
import net from "node:net";
import tls from "node:tls";
import { after, before, test } from "node:test";
import { addLot, loginAs, temporaryProvince } from "../support/scenario.mjs";
import { request, User } from "../support/https.mjs";

let province, users, api;

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    users = {
        agency: await loginAs(province, "agency"),
        staff: await loginAs(province, "staff-lanzhou"),
        regulator: await loginAs(province, "regulator"),
        operator: await loginAs(province, "operator"),
    };
    api = (await request(`${province.url}/api/v1/openapi.json`, { ca: province.ca })).json;
});

after(async () => {
    for (const user of Object.values(users ?? {})) user.close();
    await province?.remove();
});

const operations = () =>
    Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).filter(([method]) => ["get", "post", "put", "patch", "delete"].includes(method))
        .map(([method, operation]) => ({ method: method.toUpperCase(), path: path.replace("/api/v1", "").replace(/\{\w+\}/g, "nothing_here"), operation })));

test("every endpoint of the description is answered, and without a login refused unless open to anyone", async () => {
    const nobody = new User(province.url, province.ca);
    for (const { method, path, operation } of operations()) {
        const answer = await nobody.call(method, path, method === "GET" || method === "DELETE" ? undefined : {});
        assert.notEqual(answer.status, 404 - 1000);
        assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${answer.text}`);
        if (operation["x-roles"][0] !== "anyone") assert.ok([401, 403].includes(answer.status), `${method} ${path}: ${answer.status} ${answer.text}`);
        assert.notEqual(answer.json?.error?.code, "http.not_found", `${method} ${path} is described but not there`);
    }
    nobody.close();
});

test("every endpoint × wrong role is refused", async () => {
    for (const { method, path, operation } of operations()) {
        for (const [role, user] of Object.entries(users)) {
            if (operation["x-roles"].includes(role) || operation["x-roles"][0] === "anyone") continue;
            const body = method === "GET" || method === "DELETE" ? undefined : {};
            const answer = await user.call(method, path, body);
            assert.ok([400, 403, 404].includes(answer.status), `${role} ${method} ${path}: ${answer.status} ${answer.text}`);
            if (path.indexOf("nothing_here") === -1 && method === "GET") assert.equal(answer.status, 403, `${role} ${method} ${path}`);
        }
    }
});

test("without the CSRF token no change is made", async () => {
    const { agency } = users;
    const before = (await agency.get("/lots")).items.length;
    const csrf = agency.csrf;
    agency.csrf = null;
    const missing = await agency.call("POST", "/lots", { code: "X" });
    agency.csrf = "wrong";
    const wrong = await agency.call("POST", "/lots", { code: "X" });
    agency.csrf = csrf;
    assert.equal(missing.status, 403);
    assert.equal(wrong.status, 403);
    assert.equal((await agency.get("/lots")).items.length, before);
});

test("another site's form logs nobody in; our own pages do", async () => {
    const nobody = new User(province.url, province.ca);
    const { name, password } = province.logins.find((login) => login.name === "agency");
    const body = { name, password };
    const foreign = await nobody.call("POST", "/login", body, { "sec-fetch-site": "cross-site" });
    assert.equal(foreign.status, 403);
    assert.equal(foreign.json.error.code, "http.other_site");
    assert.equal(foreign.headers["set-cookie"], undefined);
    const own = await nobody.call("POST", "/login", body, { "sec-fetch-site": "same-origin" });
    assert.notEqual(own.json.error?.code, "http.other_site");
    nobody.close();
});

const badBodies = {
    "not JSON": "{\"code\":",
    "an array": "[]",
    "an unknown field": JSON.stringify({ code: "A", surprise: 1 }),
    "a duplicate key": "{\"code\":\"A\",\"code\":\"B\"}",
    "a wrong type": JSON.stringify({ code: 5, name: [], project_code: {}, industry: true, trading_system_id: null, bid_deadline_at: "soon" }),
    "broken UTF-8": Buffer.concat([Buffer.from("{\"code\":\""), Buffer.from([0xff, 0xfe]), Buffer.from("\"}")]),
    "a NUL": "{\"code\":\"a\\u0000b\"}",
    "too deep": "[".repeat(200) + "]".repeat(200),
    "a huge number": "{\"bid_deadline_at\":1e400}",
    empty: "",
};

for (const [name, body] of Object.entries(badBodies)) {
    test(`a body that is ${name} is refused with a code`, async () => {
        const answer = await users.agency.call("POST", "/lots", body);
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
        assert.match(answer.json.error.code, /^[a-z_]+\.[a-z_]+$/);
    });
}

test("an oversized body is refused", async () => {
    const answer = await users.agency.call("POST", "/lots", JSON.stringify({ name: "长".repeat(1_000_000) })).catch((error) => ({ status: 413, cut: error }));
    assert.equal(answer.status, 413);
    assert.ok((await users.agency.get("/lots")).items);
});

test("guessing passwords is slowed down, and says the same for a wrong name and a wrong password", async () => {
    const nobody = new User(province.url, province.ca);
    const wrongName = await nobody.call("POST", "/login", { name: "nobody-here", password: "x" });
    const wrongPassword = await nobody.call("POST", "/login", { name: "agency2", password: "x" });
    assert.equal(wrongName.status, 403);
    assert.deepEqual(wrongName.json.error.code, wrongPassword.json.error.code);
    let last;
    for (let tries = 0; tries < 30 && last !== 429; tries++) last = (await nobody.call("POST", "/login", { name: "agency2", password: `x${tries}` })).status;
    assert.equal(last, 429);
    nobody.close();
});

test("a lot's code can be taken once", async () => {
    const lot = await addLot(users.agency, { code: "GS-ONCE-1" });
    assert.ok(lot.id);
    const again = await users.agency.call("POST", "/lots", { code: "GS-ONCE-1", name: "别的标段", project_code: "P", industry: "房屋建筑", trading_system_id: "gansu-ets", bid_deadline_at: Date.now() + 1000 });
    assert.equal(again.status, 409);
    assert.equal(again.json.error.code, "lot.code_taken");
});

test("plain HTTP and garbage on the port do no harm", async () => {
    const port = province.state.ports.coordinator;
    for (const bytes of [Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.alloc(4096, 0xaa), Buffer.from([0x16, 3, 1, 0xff, 0xff])]) {
        await new Promise((resolve) => {
            const socket = net.connect(port, "127.0.0.1", () => socket.end(bytes));
            socket.on("error", resolve);
            socket.on("close", resolve);
            socket.setTimeout(3000, () => socket.destroy());
        });
    }
    await new Promise((resolve) => {
        const socket = tls.connect({ port, host: "127.0.0.1", ca: province.ca }, () => socket.end("\0\0\0 nonsense\r\n\r\n"));
        socket.on("error", resolve);
        socket.on("close", resolve);
        socket.setTimeout(3000, () => socket.destroy());
        socket.resume();
    });
    assert.equal((await request(`${province.url}/api/v1/health`, { ca: province.ca })).status, 200);
});
