// The acts of one session through the API, as the pages do them: for tests of the programs that need no browser.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sodium from "libsodium-wrappers";
import { Province } from "../../deploy/demo/province.mjs";
import { request, until, User } from "./https.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const bin = process.env.TP_BIN ?? join(root, "bazel-bin");
export const SLOT_MS = 30 * 60_000;
const CHINA_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** A province in a folder of its own that disappears with it. */
export async function temporaryProvince(options = {}) {
    const dir = mkdtempSync(join(tmpdir(), "tongping-"));
    const province = new Province({ dir, bin, root, experts: 3000, desktops: false, media: false, ...options });
    province.remove = async () => {
        await province.stop();
        if (process.env.TP_KEEP === undefined) rmSync(dir, { recursive: true, force: true });
        else console.error(`kept: ${dir}`);
    };
    await province.create();
    return province;
}

// A run takes its time from here to the request, which refuses a start that has passed.
const START_MARGIN_MS = 5 * 60_000;

/** The next half hour that leaves `slots` before midnight in China. */
export function nextSlot(now = Date.now(), slots = 1) {
    let start = Math.ceil((now + START_MARGIN_MS) / SLOT_MS) * SLOT_MS;
    const dayEnd = Math.floor((start + CHINA_MS) / DAY_MS + 1) * DAY_MS - CHINA_MS;
    if (start + slots * SLOT_MS > dayEnd) start = dayEnd;
    return start;
}

export async function loginAs(province, name) {
    const login = province.logins.find((each) => each.name === name);
    return User.login(province.url, province.ca, login.name, login.password);
}

let lotNumber = 0;

export async function addLot(agency, values = {}) {
    lotNumber += 1;
    return agency.post("/lots", {
        code: `GS-${process.pid}-${Date.now()}-${lotNumber}`,
        name: "兰州新区人民医院门诊楼施工",
        project_code: "GS2026-0117",
        industry: "房屋建筑",
        trading_system_id: "gansu-ets",
        bid_deadline_at: Date.now() + 600_000,
        ...values,
    });
}

/** Two specialties that the pool holds in every city of the province. */
export async function commonSpecialties(user) {
    const { items } = await user.get("/specialties");
    return items
        .filter((item) => item.cities.length > 0)
        .sort((a, b) => Math.min(...b.cities.map((city) => city.count)) - Math.min(...a.cities.map((city) => city.count)))
        .map((item) => item.code);
}

/** Three experts at the main center, two at one secondary venue: the smallest lawful committee. */
export async function requestBody(agency, lot, { main = "lanzhou", secondary = "tianshui", choice = "pick", room = `${main}-r1`, start = nextSlot(), slots = 1 } = {}) {
    const [first, second] = await commonSpecialties(agency);
    const { items } = await agency.get(`/availability?start_at=${start}&end_at=${start + slots * SLOT_MS}`);
    const free = items.find((item) => item.center_id === secondary).free_seats;
    return {
        lot_id: lot.id,
        start_at: start,
        end_at: start + slots * SLOT_MS,
        main: { center_id: main, room_ids: [room], tenderer_representatives: 0, experts: [{ specialty: first, count: 2 }, { specialty: second, count: 1 }] },
        choice,
        secondary_count: 1,
        secondary: [choice === "pick"
            ? { center_id: secondary, seat_ids: free.slice(0, 2), experts: [{ specialty: first, count: 2 }] }
            : { experts: [{ specialty: first, count: 2 }] }],
    };
}

export async function confirmAll(province, session) {
    let latest = session;
    for (const venue of session.venues) {
        const staff = await loginAs(province, `staff-${venue.center_id}`);
        latest = await staff.get(`/sessions/${session.id}`);
        latest = await staff.post(`/sessions/${session.id}/confirm`, { version: latest.version });
        staff.close();
    }
    return latest;
}

export const messages = async (province, after = 0) =>
    (await request(`${province.gatewayUrl}/api/messages?after=${after}`, { ca: province.ca })).json.items;

export const asksForReply = (text) => text.includes("回复1") || text.includes("按1");

export async function replyTo(province, phone, text) {
    const answer = await request(`${province.gatewayUrl}/api/reply`, {
        method: "POST", ca: province.ca, headers: { "content-type": "application/json" }, body: JSON.stringify({ phone, text }),
    });
    if (answer.status !== 200) throw new Error(`reply of ${phone}: ${answer.status} ${answer.text}`);
}

/** The phones that wait for an answer, oldest first. */
export async function waitingPhones(province) {
    const waiting = new Set();
    for (const message of await messages(province)) {
        if (asksForReply(message.text)) waiting.add(message.to);
        else waiting.delete(message.to);
    }
    return [...waiting];
}

/** Accepts every invitation until the session is past the draw. */
export async function acceptUntilDrawn(province, agency, sessionId, limitMs = 60_000) {
    return until("the draw to be complete", async () => {
        const session = await agency.get(`/sessions/${sessionId}`);
        if (!["drawing", "confirmed"].includes(session.state)) return session;
        for (const phone of await waitingPhones(province)) await replyTo(province, phone, "1");
        return null;
    }, { limitMs, everyMs: 300 });
}

export const waitForState = (user, sessionId, state, limitMs = 60_000) =>
    until(`session ${state}`, async () => {
        const session = await user.get(`/sessions/${sessionId}`);
        return session.state === state ? session : null;
    }, { limitMs, everyMs: 200 });

/** What the demo's experts know of themselves: ID number by phone, from the made-up pool. */
export async function people(province) {
    const { readFileSync } = await import("node:fs");
    const [head, ...rows] = readFileSync(join(province.dir, "draw", "pool.csv"), "utf8").replace(/^\uFEFF/, "").trim().split(/\r?\n/);
    const columns = head.split(",");
    return new Map(rows.map((row) => {
        const cells = row.split(",");
        const person = Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
        return [person.phone, person];
    }));
}

/** The entry codes that were sent after message number `since`: phone -> six digits. */
export async function entryCodes(province, since = 0) {
    const codes = new Map();
    for (const message of await messages(province, since)) {
        const code = message.text.match(/入场码：([0-9]{6})/);
        if (code) codes.set(message.to, code[1]);
    }
    return codes;
}

/** A seat's terminal without a browser. */
export class Terminal {
    constructor(province, seatId) {
        this.province = province;
        this.seatId = seatId;
        this.base = province.terminalUrl(seatId).split("/terminal/")[0];
        this.code = province.state.seatCodes[seatId];
        this.cookie = null;
    }

    async call(method, path, body) {
        const headers = {};
        if (this.cookie) headers.cookie = this.cookie;
        const text = body === undefined ? undefined : JSON.stringify(body);
        if (text) {
            headers["content-type"] = "application/json";
            headers["content-length"] = Buffer.byteLength(text);
        }
        return request(`${this.base}/api/terminal${path}`, { method, headers, body: text, ca: this.province.ca });
    }

    async enrol() {
        const answer = await this.call("POST", "/enrol", { seat_id: this.seatId, code: this.code });
        if (answer.status >= 300) throw new Error(`enrol ${this.seatId}: ${answer.status} ${answer.text}`);
        this.cookie = answer.headers["set-cookie"].map((line) => line.split(";")[0]).join("; ");
        return this;
    }

    async state() {
        return (await this.call("GET", "/state")).json;
    }

    async seal(idNumber, code, changes = {}) {
        await sodium.ready;
        const state = await this.state();
        const credential = {
            v: 1, id_number: idNumber, code, session_id: state.session?.session_id, seat_id: this.seatId,
            nonce: sodium.to_base64(sodium.randombytes_buf(16), sodium.base64_variants.URLSAFE_NO_PADDING), at: Date.now(), ...changes,
        };
        const key = sodium.from_base64(state.draw_seal_public, sodium.base64_variants.URLSAFE_NO_PADDING);
        return sodium.to_base64(sodium.crypto_box_seal(JSON.stringify(credential), key), sodium.base64_variants.URLSAFE_NO_PADDING);
    }

    async login(idNumber, code) {
        return this.call("POST", "/login", { sealed: await this.seal(idNumber, code) });
    }
}

/**
 * Every expert of the committee who is not in yet logs in at a free seat of his venue. Answers how many came in.
 * `terminals`, a Map, gets the terminal at each seat and is used again: enrolling a seat anew would end its login.
 * `since` leaves out codes of earlier messages, which are another session's.
 */
export async function everyoneLogsIn(province, agency, sessionId, terminals = new Map(), since = 0) {
    const session = await agency.get(`/sessions/${sessionId}`);
    const pool = await people(province);
    const codes = await entryCodes(province, since);
    const cityOf = { lanzhou: "兰州", tianshui: "天水", jiuquan: "酒泉" };
    const inside = new Set([...terminals.values()].map((terminal) => terminal.phone).filter(Boolean));
    let count = 0;
    for (const venue of session.venues) {
        const here = [...codes].filter(([phone]) => pool.get(phone)?.city === cityOf[venue.center_id] && !inside.has(phone));
        const seats = venue.seats.map((seat) => seat.id).filter((seat) => !terminals.get(seat)?.phone);
        for (const [phone, code] of here) {
            const seat = seats[0];
            if (seat === undefined) break;
            if (!terminals.has(seat)) terminals.set(seat, await new Terminal(province, seat).enrol());
            const terminal = terminals.get(seat);
            const answer = await terminal.login(pool.get(phone).id_number, code);
            if (answer.status !== 200) continue; // of another session's committee, or try again later
            terminal.phone = phone;
            seats.shift();
            count += 1;
        }
    }
    return count;
}
