// One tp-draw with the demo's gateway, each a process of its own, and the coordinator's certificate to call with.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";
import { makeAuthority, makeCertificate } from "../../deploy/demo/certificates.mjs";
import { Program, run } from "../../deploy/demo/process.mjs";
import { request, until } from "../support/https.mjs";

export { until };
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const bin = process.env.TP_BIN ?? join(root, "bazel-bin");
export const program = (name) => join(bin, name);
export const base64 = (bytes) => Buffer.from(bytes).toString("base64url");

async function freePort() {
    const server = createServer();
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
}

const ini = (sections) => Object.entries(sections)
    .map(([name, keys]) => `[${name}]\n${Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join("")}`)
    .join("\n");

export class Keeper {
    from = 0; // messages before the draw under test

    static async make({ experts = 3000, auto = "none" } = {}) {
        await sodium.ready;
        const keeper = new Keeper();
        await keeper.#configure(auto);
        await keeper.#fill(experts);
        return keeper;
    }

    async #configure(auto) {
        this.dir = mkdtempSync(join(tmpdir(), "tp-draw-test-"));
        const at = (...parts) => join(this.dir, ...parts);
        const ca = await makeAuthority(at("ca"));
        for (const [folder, name] of [["draw", "tp-draw"], ["gateway", "gateway"], ["coordinator", "coordinator"], ["stranger", "venue-lanzhou"]])
            await makeCertificate(ca, at(folder), name);
        this.ca = readFileSync(ca.certificate);
        this.ports = { draw: await freePort(), reply: await freePort(), gateway: await freePort() };
        this.secret = randomBytes(18).toString("base64url");
        const tls = { certificate: "cert.pem", private_key: "cert.key" };
        const password = randomBytes(9).toString("base64url");
        writeFileSync(at("draw", "draw.ini"), ini({
            server: { port: this.ports.draw, ...tls, client_ca: "../ca/ca.pem" },
            reply: { port: this.ports.reply, ...tls, secret: this.secret },
            store: { url: "sqlite:store.db" },
            keys: { key: "key" },
            gateway: { url: `https://127.0.0.1:${this.ports.gateway}`, ca: "../ca/ca.pem", username: "tongping", password, from: "106980000", timeout: "2s" },
        }), { mode: 0o600 });
        writeFileSync(at("gateway", "gateway.ini"), ini({
            server: { port: this.ports.gateway, ...tls, pages: join(root, "demo/gateway/page") },
            gateway: { username: "tongping", password, file: "messages.jsonl", auto },
            reply: { url: `https://127.0.0.1:${this.ports.reply}`, ca: "../ca/ca.pem", secret: this.secret },
        }), { mode: 0o600 });
        this.agents = Object.fromEntries(["coordinator", "stranger"].map((name) => [name, new https.Agent({
            keepAlive: true, ca: this.ca, cert: readFileSync(at(name, "cert.pem")), key: readFileSync(at(name, "cert.key")),
        })]));
        this.agents.nobody = new https.Agent({ ca: this.ca });
        this.draw = new Program("draw", program("expert-draw/tp-draw"), ["--config", at("draw", "draw.ini")], { logFile: at("draw.log") });
        this.gateway = new Program("gateway", program("demo/gateway/tp-demo-gateway"), ["--config", at("gateway", "gateway.ini")], { logFile: at("gateway.log") });
    }

    async #fill(experts) {
        const csv = join(this.dir, "draw", "pool.csv");
        const names = join(this.dir, "draw", "specialties.csv");
        await run(program("demo/pool/tp-demo-pool"), ["--count", String(experts), "--out", csv, "--specialties", names]);
        await run(program("expert-draw/tp-draw"), ["import", "--config", join(this.dir, "draw", "draw.ini"), "--pool", csv, "--specialties", names]);
        this.experts = readFileSync(csv, "utf8").trim().split("\n").slice(1).map((line) => {
            const [id, name, id_number, phone, city, specialties, employer] = line.split(",");
            return { id, name, id_number, phone, city, specialties: specialties.split(";"), employer };
        });
        this.byPhone = new Map(this.experts.map((expert) => [expert.phone, expert]));
    }

    async start() {
        await this.gateway.start();
        await this.draw.start();
    }

    async kill() {
        await this.draw.stop("SIGKILL");
    }

    async end() {
        await this.draw.stop();
        await this.gateway.stop();
        for (const agent of Object.values(this.agents)) agent.destroy();
        rmSync(this.dir, { recursive: true, force: true });
    }

    log() {
        return readFileSync(join(this.dir, "draw.log"), "utf8");
    }

    call(method, path, body, agent = "coordinator") {
        const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
        const headers = text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
        return request(`https://127.0.0.1:${this.ports.draw}${path}`, { method, headers, body: text, agent: this.agents[agent] });
    }

    async expect(method, path, body) {
        const answer = await this.call(method, path, body);
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
        return answer.json;
    }

    view(drawId) {
        return this.expect("GET", `/v1/draws/${drawId}`);
    }

    async begin(plan) {
        this.from = (await this.messages()).length;
        await this.expect("POST", "/v1/draws", plan);
        return this.expect("POST", `/v1/draws/${plan.draw_id}/start`, { log_head: "ab".repeat(32) });
    }

    /** Messages the gateway took, oldest first. */
    async messages() {
        const answer = await request(`https://127.0.0.1:${this.ports.gateway}/api/messages?after=0`, { ca: this.ca });
        return answer.json.items;
    }

    async invitations(kind) {
        return (await this.messages()).filter((message) => message.kind === kind && message.text.includes("邀请您"));
    }

    reply(phone, text, secret = this.secret) {
        const query = new URLSearchParams({ secret, from: phone, text });
        return request(`https://127.0.0.1:${this.ports.reply}/gateway/reply?${query}`, { ca: this.ca });
    }

    failure(mode) {
        const body = JSON.stringify({ mode });
        return request(`https://127.0.0.1:${this.ports.gateway}/api/failure`, { method: "POST", ca: this.ca, body, headers: { "content-type": "application/json", "content-length": body.length } });
    }

    /** Answers every invitation since the last begin() with `text(phone)`, until the draw ends. */
    async answerAll(drawId, text = () => "1") {
        const answered = new Set();
        return until(`draw ${drawId} to end`, async () => {
            for (const { to, text: said, kind } of (await this.messages()).slice(this.from)) {
                if (kind !== "sms" || !said.includes("邀请您") || answered.has(to)) continue;
                answered.add(to);
                const answer = await this.reply(to, text(to));
                if (answer.status !== 200) throw new Error(`reply: ${answer.status} ${answer.text}`);
            }
            const view = await this.view(drawId);
            return view.state !== "inviting" && view;
        });
    }

    async entryCode(phone) {
        const confirmation = (await this.messages()).filter((message) => message.to === phone && message.text.includes("入场码：")).at(-1);
        return confirmation && /入场码：(\d{6})/.exec(confirmation.text)[1];
    }

    async sealPublic() {
        return Buffer.from((await this.expect("GET", "/v1/info")).keeper.seal_public, "base64url");
    }

    async seal(credential) {
        const whole = { v: 1, nonce: base64(randomBytes(16)), at: Date.now(), ...credential };
        return base64(sodium.crypto_box_seal(Buffer.from(JSON.stringify(whole)), await this.sealPublic()));
    }

    async login(plan, venue, seatId, credential) {
        const sealed = await this.seal({ session_id: plan.session_id, seat_id: seatId, ...credential });
        return this.call("POST", "/v1/logins", { draw_id: plan.draw_id, venue, seat_id: seatId, sealed });
    }
}

let plans = 0;
export function makePlan(changes = {}) {
    plans += 1;
    return {
        draw_id: `drw_test${plans}`,
        session_id: `ses_test${plans}`,
        seats: [
            { venue: "lanzhou", city: "兰州", specialty: "A0301", count: 2 },
            { venue: "lanzhou", city: "兰州", specialty: "B0101", count: 1 },
            { venue: "tianshui", city: "天水", specialty: "A0301", count: 2 },
        ],
        max_per_employer: 1,
        exclude: { employers: [], ids: [] },
        reply_window_ms: 60_000,
        message: { time_text: "11月23日 09:00", venues: [{ venue: "lanzhou", place_text: "兰州中心一室" }, { venue: "tianshui", place_text: "天水中心二室" }] },
        ...changes,
    };
}
