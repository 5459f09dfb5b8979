// The demo province: its folder (keys, certificates, configurations, databases) and its programs.
// `./dev up`, the end-to-end test, the chaos runs and the benches all start it through here.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { agencies, centers, tradingSystems } from "./centers.mjs";
import { makeAuthority, makeCertificate } from "./certificates.mjs";
import { Program, run } from "./process.mjs";

const DESKTOP_SIZE = "1920x1080x24";
const STATE_FILE = "province.json";

// Below the ports that the system gives to outgoing connections, which come and go at any moment.
const PORT_FIRST = 20_000;
const PORT_LAST = 32_000;

const isFree = (port) => new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
});

/** Free ports of this moment; the programs get them fixed, because they name each other. */
async function freePorts(count) {
    const ports = new Set();
    for (let tries = 0; ports.size < count; tries++) {
        if (tries === 1000) throw new Error("no free ports");
        const port = PORT_FIRST + (randomBytes(4).readUInt32BE(0) % (PORT_LAST - PORT_FIRST));
        if (!ports.has(port) && (await isFree(port))) ports.add(port);
    }
    return [...ports];
}

function ini(sections) {
    return sections
        .map(([name, values]) =>
            `[${name}]\n${Object.entries(values).map(([key, value]) => `${key} = ${value}`).join("\n")}\n`)
        .join("\n");
}

const readableCode = (bytes = 5) =>
    Array.from(randomBytes(bytes * 2), (byte) => "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[byte % 32]).join("").slice(0, bytes * 2 - 2);

export class Province {
    /**
     * `dir` is made when missing and used again when not; `bin` holds the built programs, `root` the checkout.
     * `port` is the coordinator's, the others follow it; 0 takes free ones. `experts` is the size of the pool.
     * `desktops` false leaves out the X displays; `autoAccept` lets the demo's phones accept by themselves.
     */
    constructor({ dir, bin, root, port = 0, experts = 10_000, desktops = true, media = true, autoAccept = false }) {
        Object.assign(this, { dir: resolve(dir), bin: resolve(bin), root: resolve(root), port, experts, desktops, media, autoAccept });
        this.programs = new Map();
        this.state = null;
    }

    get url() {
        return `https://127.0.0.1:${this.state.ports.coordinator}`;
    }

    venueUrl(centerId) {
        return `https://127.0.0.1:${this.state.ports[`venue-${centerId}`]}`;
    }

    get gatewayUrl() {
        return `https://127.0.0.1:${this.state.ports.gateway}`;
    }

    get tradingUrl() {
        return `https://127.0.0.1:${this.state.ports.trading}`;
    }

    get ca() {
        return readFileSync(join(this.dir, "ca", "ca.pem"));
    }

    get logins() {
        return this.state.logins;
    }

    program(name) {
        const path = {
            "tp-coordinator": "coordinator/tp-coordinator",
            "tp-draw": "expert-draw/tp-draw",
            "tp-venue": "venue-node/tp-venue",
            "tp-media": "media/tp-media",
            tongping: "cli/tongping",
            "tp-demo-gateway": "demo/gateway/tp-demo-gateway",
            "tp-demo-pool": "demo/pool/tp-demo-pool",
            "tp-demo-trading": "demo/trading/tp-demo-trading",
            "tp-demo-pool": "demo/pool/tp-demo-pool",
            "tp-demo-desktop": "demo/desktop/tp-demo-desktop",
        }[name];
        return join(this.bin, path);
    }

    /** Address of a seat's terminal, with the code that enrols the browser for the seat. */
    terminalUrl(seatId) {
        const center = centers.find((each) => seatId.startsWith(`${each.id}-`));
        return `${this.venueUrl(center.id)}/terminal/#seat=${seatId}&code=${this.state.seatCodes[seatId]}`;
    }

    async create(progress = () => {}) {
        mkdirSync(join(this.dir, "logs"), { recursive: true });
        const stateFile = join(this.dir, STATE_FILE);
        if (existsSync(stateFile)) {
            this.state = JSON.parse(readFileSync(stateFile, "utf8"));
            return;
        }
        progress("keys and certificates");
        await this.#makeState();
        const ca = await makeAuthority(join(this.dir, "ca"));
        const folders = ["coordinator", "draw", "trading", "gateway", ...centers.map((center) => `venue-${center.id}`)];
        for (const folder of folders) {
            await makeCertificate(ca, join(this.dir, folder), folder);
            await this.#key(folder);
        }
        this.#configure();
        progress(`a pool of ${this.experts.toLocaleString("en")} made-up experts`);
        await this.#pool();
        progress("accounts");
        await this.#accounts();
        writeFileSync(stateFile, JSON.stringify(this.state, null, 1), { mode: 0o600 });
    }

    async #makeState() {
        const names = ["coordinator", ...centers.map((center) => `venue-${center.id}`), "draw", "reply", "gateway", "trading"];
        const ports = this.port === 0 ? await freePorts(names.length) : names.map((_, index) => this.port + index);
        const password = () => `Tp-${readableCode(4).toLowerCase()}-${readableCode(4).toLowerCase()}`;
        const logins = [
            ...agencies.map((agency) => ({ role: "agency", name: agency.login, display: agency.display, agency_code: agency.code })),
            // A prefix that is not given out, as in the pool.
            ...centers.map((center, index) => ({ role: "staff", name: `staff-${center.id}`, display: `${center.short}中心工作人员`, center_id: center.id, phone: `1009999000${index}` })),
            { role: "regulator", name: "regulator", display: "甘肃省发展改革委监管员" },
            { role: "operator", name: "operator", display: "系统运维" },
        ].map((login) => ({ ...login, password: password() }));
        const seats = centers.flatMap((center) => center.rooms.flatMap((room) => room.seats));
        this.state = {
            ports: Object.fromEntries(names.map((name, index) => [name, ports[index]])),
            logins,
            seatCodes: Object.fromEntries(seats.map((seat) => [seat.id, readableCode(5)])),
            replySecret: randomBytes(18).toString("base64url"),
            gatewayPassword: randomBytes(12).toString("base64url"),
            // X displays of this province only: many may run beside each other.
            displays: Object.fromEntries(centers.map((center, index) => [
                center.id,
                100 + (createHash("sha256").update(this.dir).digest().readUInt16BE(0) % 20_000) + index * 20_001,
            ])),
            enrolled: [],
        };
    }

    async #key(folder) {
        const path = join(this.dir, folder, "key");
        if (!existsSync(path)) await run(this.program("tongping"), ["keygen", "--out", path]);
    }

    #configure() {
        const { ports } = this.state;
        const write = (path, text) => writeFileSync(join(this.dir, path), text, { mode: 0o600 });
        const tls = { certificate: "cert.pem", private_key: "cert.key" };
        const asClient = { ca: "../ca/ca.pem", ...tls };
        write("coordinator/coordinator.ini", ini([
            ["server", { address: "127.0.0.1", port: ports.coordinator, ...tls, web_folder: join(this.root, "web/console/dist"), public_url: `https://127.0.0.1:${ports.coordinator}` }],
            ["store", { url: "sqlite:store.db" }],
            ["keys", { key: "key" }],
            ["files", { province: "province.ini", policy: join(this.root, "deploy/policy/gansu.ini"), trading_systems: "trading-systems.ini" }],
            ["draw", { url: `https://127.0.0.1:${ports.draw}`, ...asClient, public_key: "../draw/key.pub" }],
            ["gateway", { url: `https://127.0.0.1:${ports.gateway}`, ca: "../ca/ca.pem", username: "tongping", password: this.state.gatewayPassword, from: "106980000" }],
        ]));
        write("coordinator/province.ini", ini(centers.flatMap((center) => [
            [`center ${center.id}`, { name: center.name, city: center.city, district: center.district, longitude: center.longitude, latitude: center.latitude }],
            ...center.rooms.flatMap((room) => [
                [`room ${room.id}`, { center: center.id, name: room.name }],
                ...room.seats.map((seat) => [`seat ${seat.id}`, { room: room.id, name: seat.name }]),
            ]),
        ])));
        write("coordinator/trading-systems.ini", ini(tradingSystems.map((system) =>
            [`trading-system ${system.id}`, { name: system.name, url: `https://127.0.0.1:${ports.trading}`, ca: "../ca/ca.pem", public_key: "../trading/key.pub" }])));
        write("draw/draw.ini", ini([
            ["server", { address: "127.0.0.1", port: ports.draw, ...tls, client_ca: "../ca/ca.pem" }],
            ["reply", { address: "127.0.0.1", port: ports.reply, ...tls, secret: this.state.replySecret }],
            ["store", { url: "sqlite:store.db" }],
            ["keys", { key: "key" }],
            ["gateway", { url: `https://127.0.0.1:${ports.gateway}`, ca: "../ca/ca.pem", username: "tongping", password: this.state.gatewayPassword, from: "106980000" }],
        ]));
        write("gateway/gateway.ini", ini([
            ["server", { address: "127.0.0.1", port: ports.gateway, ...tls, pages: join(this.root, "demo/gateway/page") }],
            ["gateway", { username: "tongping", password: this.state.gatewayPassword, file: "messages.jsonl", auto: this.autoAccept ? "accept" : "none", owners: "../draw/pool.csv" }],
            ["reply", { url: `https://127.0.0.1:${ports.reply}`, ca: "../ca/ca.pem", secret: this.state.replySecret }],
        ]));
        write("trading/trading.ini", ini([
            ["server", { address: "127.0.0.1", port: ports.trading, ...tls }],
            ["trading", { id: tradingSystems[0].id, name: tradingSystems[0].name, key: "key" }],
            ["coordinator", { url: `https://127.0.0.1:${ports.coordinator}`, ca: "../ca/ca.pem", public: "../coordinator/key.pub" }],
        ]));
        for (const center of centers) this.#configureVenue(center, write, tls);
    }

    #configureVenue(center, write, tls) {
        const folder = `venue-${center.id}`;
        const seats = center.rooms.flatMap((room) => room.seats.map((seat) => ({ ...seat, room })));
        write(`${folder}/venue.ini`, ini([
            ["node", { center_id: center.id, center_name: center.name, key: "key", journal: "journal.db", coordinator_public: "coordinator.pub", draw_public: "../draw/key.pub" }],
            ["coordinator", { url: `https://127.0.0.1:${this.state.ports.coordinator}`, ca: "../ca/ca.pem" }],
            ["terminal", { address: "127.0.0.1", port: this.state.ports[folder], ...tls, folder: join(this.root, "web/terminal/dist") }],
            ...(this.media ? [["media", { socket: "media.sock", program: this.program("tp-media"), config: "media.ini" }]] : []),
            ...center.rooms.map((room, index) => [`room ${room.id}`, { name: room.name, source: `test:${center.short} ${room.name}`, sound: `test:${330 + index * 110}` }]),
            ...seats.map((seat, index) => [`seat ${seat.id}`, {
                room: seat.room.id,
                name: seat.name,
                code: this.state.seatCodes[seat.id],
                camera: `test:${center.short} ${seat.name}`,
                desktop: this.desktops ? `x11::${this.state.displays[center.id]}.${index}` : `test:${center.short} ${seat.name} 桌面`,
            }]),
        ]));
        write(`${folder}/media.ini`, ini([["media", { socket: "media.sock", addresses: "127.0.0.1" }]]));
    }

    async #pool() {
        const csv = join(this.dir, "draw", "pool.csv");
        const specialties = join(this.dir, "draw", "specialties.csv");
        await run(this.program("tp-demo-pool"), ["--count", String(this.experts), "--out", csv, "--specialties", specialties]);
        await run(this.program("tp-draw"), ["import", "--config", join(this.dir, "draw", "draw.ini"), "--pool", csv, "--specialties", specialties]);
    }

    async #accounts() {
        const file = join(this.dir, "coordinator", "users.ini");
        writeFileSync(file, ini(this.state.logins.map(({ name, password, display, role, center_id, agency_code, phone }) =>
            [`user ${name}`, { password, display, role, ...(center_id && { center: center_id }), ...(agency_code && { agency: agency_code }), ...(phone && { phone }) }])), { mode: 0o600 });
        await run(this.program("tp-coordinator"), ["--config", join(this.dir, "coordinator", "coordinator.ini"), "--setup", file]);
    }

    #add(name, program, args, options = {}) {
        const made = new Program(name, program, args, { logFile: join(this.dir, "logs", `${name}.log`), ...options });
        this.programs.set(name, made);
        return made;
    }

    /** Starts everything; with `only`, just these programs. */
    async start({ only = null, progress = () => {} } = {}) {
        const config = (folder, file) => ["--config", join(this.dir, folder, file)];
        const wanted = (name) => only === null || only.includes(name);
        const begin = async (name, make) => {
            if (!wanted(name)) return;
            progress(name);
            await make().start();
        };
        await begin("gateway", () => this.#add("gateway", this.program("tp-demo-gateway"), config("gateway", "gateway.ini")));
        await begin("trading", () => this.#add("trading", this.program("tp-demo-trading"), config("trading", "trading.ini")));
        await begin("draw", () => this.#add("draw", this.program("tp-draw"), config("draw", "draw.ini")));
        await begin("coordinator", () => this.#add("coordinator", this.program("tp-coordinator"), config("coordinator", "coordinator.ini")));
        for (const center of centers) {
            const name = `venue-${center.id}`;
            if (!wanted(name)) continue;
            if (this.desktops) await this.#startDesktops(center);
            await this.#enrol(center);
            await begin(name, () => this.#add(name, this.program("tp-venue"), config(name, "venue.ini")));
        }
    }

    async #startDesktops(center) {
        const display = this.state.displays[center.id];
        const seats = center.rooms.flatMap((room) => room.seats);
        const screens = seats.flatMap((_, index) => ["-screen", String(index), DESKTOP_SIZE]);
        await this.#add(`display-${center.id}`, "Xvfb", [`:${display}`, ...screens, "-nolisten", "tcp", "-noreset"], { ready: false }).start();
        for (let tries = 0; !existsSync(`/tmp/.X11-unix/X${display}`); tries++) {
            if (tries === 100) throw new Error(`X display :${display} did not start; see ${this.dir}/logs`);
            await new Promise((done) => setTimeout(done, 100));
        }
        await this.#add(`desktop-${center.id}`, this.program("tp-demo-desktop"), [`:${display}`, ...seats.map((seat) => `${center.short} ${seat.name}`)], { ready: false }).start();
    }

    async #enrol(center) {
        if (this.state.enrolled.includes(center.id)) return;
        const { User } = await import("../../tests/support/https.mjs");
        const login = this.state.logins.find((each) => each.role === "operator");
        const operator = await User.login(this.url, this.ca, login.name, login.password);
        const { code } = await operator.post(`/nodes/${center.id}/enrolment`);
        operator.close();
        await run(this.program("tp-venue"), ["--config", join(this.dir, `venue-${center.id}`, "venue.ini"), "--enrol", code]);
        this.state.enrolled.push(center.id);
        writeFileSync(join(this.dir, STATE_FILE), JSON.stringify(this.state, null, 1), { mode: 0o600 });
    }

    /** Ends everything, the last started first. */
    async stop() {
        for (const program of [...this.programs.values()].reverse()) await program.stop();
        this.programs.clear();
    }
}
