// The API's description against the running server: every route is described, every description is served, and what
// the server answers in a session's course fits the schemas that the description promises.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { run } from "../../deploy/demo/process.mjs";
import { addLot, confirmAll, loginAs, nextSlot, requestBody, temporaryProvince } from "../support/scenario.mjs";
import { request, User } from "../support/https.mjs";

const METHODS = ["get", "post", "put", "patch", "delete"];
let province, description, ajv;
const seen = new Set();
const faults = [];

const withoutNames = (path) => path.replace(/\{[^}]*\}/g, "{}");
const fullPath = (path) => (path.startsWith("/api/") ? path : `/api/v1${path}`);

function operationOf(method, path) {
    const segments = path.split("?")[0].split("/");
    for (const [template, operations] of Object.entries(description.paths)) {
        const wanted = fullPath(template).split("/");
        const fits = wanted.length === segments.length && wanted.every((segment, index) => segment.startsWith("{") || segment === segments[index]);
        const operation = operations[method.toLowerCase()];
        if (fits && operation) return { template, operation };
    }
    return null;
}

/** Notes what does not fit; the last test tells all of it. */
function check(method, path, answer) {
    const found = operationOf(method, path);
    if (!found) {
        faults.push(`${method} ${path}: not described`);
        return;
    }
    seen.add(`${method} ${found.template}`);
    const told = found.operation.responses[answer.status] ?? (answer.status >= 400 ? found.operation.responses.default : null);
    if (!told) {
        faults.push(`${method} ${found.template}: status ${answer.status} is not described`);
        return;
    }
    const schema = told.content?.["application/json"]?.schema;
    if (!schema) return;
    const validate = ajv.compile({ ...schema, components: description.components });
    if (!validate(answer.json)) faults.push(`${method} ${found.template} ${answer.status}: ${ajv.errorsText(validate.errors)}`);
}

before(async () => {
    province = await temporaryProvince();
    await province.start({ only: ["gateway", "draw", "coordinator"] });
    const answer = await request(`${province.url}/api/v1/openapi.json`, { ca: province.ca });
    assert.equal(answer.status, 200);
    description = answer.json;
    ajv = new Ajv2020({ strict: false, allErrors: true });
    const call = User.prototype.call;
    User.prototype.call = async function checked(method, path, ...rest) {
        const result = await call.call(this, method, path, ...rest);
        check(method, `/api/v1${path}`, result);
        return result;
    };
});

after(async () => province?.remove());

test("the description names exactly the routes of the server", async () => {
    assert.match(description.openapi, /^3\.1\./);
    const described = Object.entries(description.paths)
        .flatMap(([path, operations]) => METHODS.filter((method) => operations[method]).map((method) => `${method.toUpperCase()} ${withoutNames(fullPath(path))}`))
        .sort();
    const routes = (await run(province.program("tp-coordinator"), ["--print-routes"])).trim().split("\n").map(withoutNames).sort();
    assert.deepEqual(described, routes);
});

test("what is answered from a lot to a confirmed session fits the schemas", async () => {
    const agency = await loginAs(province, "agency");
    const regulator = await loginAs(province, "regulator");
    const operator = await loginAs(province, "operator");
    for (const path of ["/me", "/centers", "/specialties", "/trading-systems", "/lots", "/sessions", "/todos"]) await agency.get(path);
    const lot = await addLot(agency);
    const byLot = await agency.post("/sessions", await requestBody(agency, lot, { choice: "lot", start: nextSlot(Date.now() + 86_400_000) }));
    const staff = await loginAs(province, `staff-${byLot.venues[1].center_id}`);
    const refused = await staff.post(`/sessions/${byLot.id}/refuse`, { version: byLot.version, reason: "当日机位检修" });
    assert.equal(refused.state, "choosing");
    assert.deepEqual((await agency.get(`/sessions/${byLot.id}`)).actions, ["venues", "cancel"]);
    const again = await agency.post(`/sessions/${byLot.id}/venues`, { version: refused.version, choice: "lot", secondary_count: 1, secondary: [{}] });
    assert.equal(again.state, "confirming");
    assert.notEqual(again.venues[1].center_id, byLot.venues[1].center_id);
    assert.deepEqual(again.venues[1].experts.map((need) => need.count), byLot.venues[1].experts.map((need) => need.count));
    assert.ok(again.lot_record.chosen.every((won) => won.center_id === again.venues[won.position].center_id));
    const confirmed = await confirmAll(province, again);
    assert.equal(confirmed.state, "confirmed");
    const read = await agency.get(`/sessions/${byLot.id}`);
    assert.ok(read.timeline.length >= 5);
    await agency.call("POST", `/sessions/${byLot.id}/confirm`, { version: read.version });
    await agency.call("POST", `/sessions/${byLot.id}/cancel`, { version: read.version - 1, reason: "过时" });
    await agency.post(`/sessions/${byLot.id}/cancel`, { version: read.version, reason: "项目终止" });
    for (const path of ["/sessions?state=cancelled", "/log", `/log?session_id=${byLot.id}`, "/log/head", `/sessions/${byLot.id}/feeds`, `/sessions/${byLot.id}/matters`]) await regulator.get(path);
    for (const path of ["/nodes", "/services", "/registrations", "/todos"]) await operator.get(path);
    assert.ok((await operator.get("/services")).store.writes_per_commit >= 1);
    await agency.call("GET", "/sessions/ses_none");
    await agency.call("GET", "/health");
    await agency.call("POST", "/logout");
    for (const user of [agency, regulator, operator, staff]) user.close();
    assert.deepEqual(faults, []);
    assert.ok(seen.size >= 20, [...seen].join("\n"));
});
