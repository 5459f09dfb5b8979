// One tp-venue between a coordinator's side and a tp-media's side that the tests lead.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeAuthority, makeCertificate } from "../../deploy/demo/certificates.mjs";
import { Program, run } from "../../deploy/demo/process.mjs";
import { request, until } from "../support/https.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const bin = process.env.TP_BIN ?? join(root, "bazel-bin");
const WAIT_MS = 20_000;
export const ENROLMENT_CODE = "FIRST-CODE";
export const SEAT = "lanzhou-r1-s01";
export const OTHER_SEAT = "lanzhou-r1-s02";
export const CODES = { [SEAT]: "ABCD2345", [OTHER_SEAT]: "EFGH6789" };

/** The coordinator's side: commands by line, what happened by line. */
class Peer {
    constructor(folder) {
        this.events = [];
        this.waiting = new Set();
        this.child = spawn(join(bin, "tests/venue/link-peer"), [folder], { stdio: ["pipe", "pipe", "inherit"] });
        this.exited = once(this.child, "exit");
        createInterface({ input: this.child.stdout }).on("line", (line) => {
            this.events.push(JSON.parse(line));
            for (const wake of this.waiting) wake();
        });
    }

    /** Resolves when the command was carried out. */
    async say(...words) {
        const from = this.mark;
        this.child.stdin.write(`${words.join(" ")}\n`);
        await this.event((each) => each.event === "done", { from });
    }

    /** The first event after `from` that fits; waits for it. */
    async event(fits, { from = 0, limitMs = WAIT_MS } = {}) {
        const end = Date.now() + limitMs;
        for (;;) {
            const found = this.events.slice(from).find(fits);
            if (found) return found;
            const left = end - Date.now();
            if (left <= 0) throw new Error(`no such event in ${limitMs} ms: ${fits}; last: ${JSON.stringify(this.events.slice(-5))}`);
            await new Promise((resolve) => {
                const done = () => {
                    clearTimeout(timer);
                    this.waiting.delete(done);
                    resolve();
                };
                const timer = setTimeout(done, left);
                this.waiting.add(done);
            });
        }
    }

    get mark() {
        return this.events.length;
    }

    seatEvents(kind) {
        return this.events.filter((each) => each.event === "seat" && (kind === undefined || each.kind === kind));
    }

    async stop() {
        this.child.stdin.end();
        await this.exited;
    }
}

/** Opens `path` as a WebSocket, sends one binary frame of `payload`, and waits for the end of the connection. */
export async function sendFrame({ port, path, ca, payload }) {
    const outgoing = https.request({
        hostname: "127.0.0.1", port, path, ca,
        headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": Buffer.alloc(16, 2).toString("base64") },
    });
    outgoing.end();
    const [, socket] = await once(outgoing, "upgrade");
    const bytes = payload.length;
    const head = bytes < 126 ? Buffer.from([0x82, 0x80 | bytes]) : Buffer.from([0x82, 0xff, 0, 0, 0, 0, bytes >>> 24, (bytes >>> 16) & 255, (bytes >>> 8) & 255, bytes & 255]);
    // The mask is zero, so the payload stands as it is.
    socket.on("error", () => {});
    socket.resume();
    socket.write(Buffer.concat([head, Buffer.alloc(4), payload]));
    await once(socket, "close");
}

/** The browser of one seat. */
export class Terminal {
    constructor(venue, seatId) {
        Object.assign(this, { venue, seatId, cookie: null });
    }

    async call(method, path, body, { cookie = this.cookie } = {}) {
        const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
        const headers = {};
        if (cookie) headers.cookie = cookie;
        if (text !== undefined) Object.assign(headers, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
        return request(`${this.venue.url}/api/terminal/${path}`, { method, headers, body: text, ca: this.venue.ca });
    }

    async enrol(code = CODES[this.seatId]) {
        const answer = await this.call("POST", "enrol", { seat_id: this.seatId, code });
        const line = answer.headers["set-cookie"]?.[0];
        if (line) this.cookie = line.split(";")[0];
        return answer;
    }

    async state() {
        const answer = await this.call("GET", "state");
        if (answer.status !== 200) throw new Error(`state: ${answer.status} ${answer.text}`);
        return answer.json;
    }

    login() {
        return this.call("POST", "login", { sealed: Buffer.alloc(120, 7).toString("base64url") });
    }

    /** The events socket: its texts, and whether it is closed. */
    async events() {
        const { hostname, port } = new URL(this.venue.url);
        const outgoing = https.request({
            hostname, port, path: "/api/terminal/events", ca: this.venue.ca,
            headers: { cookie: this.cookie ?? "", connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": Buffer.alloc(16, 1).toString("base64") },
        });
        outgoing.end();
        const [answer, socket, head] = await Promise.race([
            once(outgoing, "upgrade"),
            once(outgoing, "response").then(([refusal]) => [refusal, null, null]),
        ]);
        if (!socket) {
            answer.resume();
            return { status: answer.statusCode };
        }
        const opened = { status: 101, texts: [], closed: false, close: () => socket.destroy() };
        let waiting = head ?? Buffer.alloc(0);
        const take = (chunk) => {
            waiting = Buffer.concat([waiting, chunk]);
            while (waiting.length >= 2 && waiting.length >= 2 + (waiting[1] & 127)) {
                const bytes = waiting[1] & 127;
                if ((waiting[0] & 15) === 1) opened.texts.push(waiting.subarray(2, 2 + bytes).toString());
                waiting = waiting.subarray(2 + bytes);
            }
        };
        socket.on("data", take);
        socket.on("close", () => (opened.closed = true));
        socket.on("error", () => (opened.closed = true));
        return opened;
    }
}

export class VenueCase {
    static async make() {
        const made = new VenueCase();
        made.dir = mkdtempSync(join(tmpdir(), "tp-venue-"));
        made.peerDir = join(made.dir, "peer");
        made.venueDir = join(made.dir, "venue");
        mkdirSync(made.peerDir);
        mkdirSync(made.venueDir);
        const ca = await makeAuthority(join(made.dir, "ca"));
        await makeCertificate(ca, made.peerDir, "coordinator");
        await makeCertificate(ca, made.venueDir, "venue");
        made.ca = readFileSync(ca.certificate);
        made.peer = new Peer(made.peerDir);
        made.peerPort = (await made.peer.event((each) => each.event === "ready")).port;
        made.configure();
        return made;
    }

    configure() {
        const seat = (id) => `[seat ${id}]\nroom = lanzhou-r1\nname = ${id.slice(-2)}号机位\ncode = ${CODES[id]}\ncamera = test:cam\ndesktop = test:desk\n`;
        writeFileSync(join(this.venueDir, "venue.ini"), `[node]
center_id = lanzhou
center_name = 兰州
key = key
journal = journal.db
coordinator_public = coordinator.pub
draw_public = ../peer/draw.pub
[coordinator]
url = https://127.0.0.1:${this.peerPort}
ca = ../ca/ca.pem
[terminal]
address = 127.0.0.1
port = 0
certificate = cert.pem
private_key = cert.key
folder = pages
[media]
socket = media.sock
program = ${join(bin, "tests/venue/media-peer")}
config = media.ini
[room lanzhou-r1]
name = 第一评标室
source = test:room
sound = test:440
${seat(SEAT)}${seat(OTHER_SEAT)}`);
        mkdirSync(join(this.venueDir, "pages", "assets"), { recursive: true });
        writeFileSync(join(this.venueDir, "pages", "index.html"), "<!doctype html><title>terminal</title>");
        writeFileSync(join(this.venueDir, "pages", "assets", "a.js"), "1;");
        writeFileSync(join(this.venueDir, "media.ini"), `[media]\nsocket = ${join(this.venueDir, "media.sock")}\n`);
    }

    get config() {
        return join(this.venueDir, "venue.ini");
    }

    enrol(code = ENROLMENT_CODE) {
        return run(join(bin, "venue-node/tp-venue"), ["--config", this.config, "--enrol", code]);
    }

    /** Starts tp-venue and learns its port. */
    async start() {
        const log = join(this.dir, "venue.log");
        writeFileSync(log, "");
        this.program = new Program("tp-venue", join(bin, "venue-node/tp-venue"), ["--config", this.config], { logFile: log });
        const from = this.peer.mark;
        await this.program.start();
        const port = await until("the ready line", () => /^ready port=(\d+)$/m.exec(readFileSync(log, "utf8"))?.[1]);
        this.url = `https://127.0.0.1:${port}`;
        await this.peer.event((each) => each.event === "established", { from });
    }

    log() {
        return readFileSync(join(this.dir, "venue.log"), "utf8");
    }

    get mediaPid() {
        return Number([...this.log().matchAll(/media\.started pid=(\d+)/g)].at(-1)[1]);
    }

    terminal(seatId = SEAT) {
        return new Terminal(this, seatId);
    }

    async remove() {
        await this.program?.stop();
        await this.peer.stop();
        if (process.env.TP_KEEP === undefined) rmSync(this.dir, { recursive: true, force: true });
        else console.error(`kept: ${this.dir}`);
    }
}
