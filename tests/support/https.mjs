// One HTTPS request with the demo's CA, and a user of the coordinator's API with cookie and CSRF.
import https from "node:https";
import http from "node:http";

const LIMIT_MS = 30_000;

/** Answers { status, headers, text, json }. Never throws for an HTTP status. */
export function request(url, { method = "GET", headers = {}, body, ca, agent, limitMs = LIMIT_MS } = {}) {
    const target = new URL(url);
    const transport = target.protocol === "http:" ? http : https;
    return new Promise((resolve, reject) => {
        const outgoing = transport.request(target, { method, headers, ca, agent, timeout: limitMs }, (answer) => {
            const chunks = [];
            answer.on("data", (chunk) => chunks.push(chunk));
            answer.on("error", reject);
            answer.on("end", () => {
                const text = Buffer.concat(chunks).toString("utf8");
                let json = null;
                if ((answer.headers["content-type"] ?? "").startsWith("application/json")) {
                    try {
                        json = JSON.parse(text);
                    } catch (error) {
                        reject(new Error(`${method} ${url}: malformed JSON: ${error.message}`));
                        return;
                    }
                }
                resolve({ status: answer.statusCode, headers: answer.headers, text, json });
            });
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${url}: no answer in ${limitMs} ms`)));
        outgoing.on("error", reject);
        outgoing.end(body);
    });
}

export class User {
    constructor(base, ca) {
        this.base = base;
        this.ca = ca;
        this.agent = new https.Agent({ keepAlive: true, maxSockets: 64, ca });
        this.cookie = null;
        this.csrf = null;
        this.user = null;
    }

    static async login(base, ca, name, password) {
        const user = new User(base, ca);
        const answer = await user.call("POST", "/login", { name, password });
        if (answer.status !== 200) throw new Error(`login of ${name}: ${answer.status} ${answer.text}`);
        user.cookie = answer.headers["set-cookie"].map((line) => line.split(";")[0]).join("; ");
        user.csrf = answer.json.csrf;
        user.user = answer.json.user;
        return user;
    }

    /** `path` below /api/v1. */
    call(method, path, body, headers = {}) {
        const all = { ...headers };
        if (this.cookie) all.cookie = this.cookie;
        if (this.csrf && method !== "GET") all["x-csrf"] = this.csrf;
        let text;
        if (body !== undefined) {
            text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
            all["content-type"] ??= "application/json";
            all["content-length"] = Buffer.byteLength(text);
        }
        return request(`${this.base}/api/v1${path}`, { method, headers: all, body: text, ca: this.ca, agent: this.agent });
    }

    /** Answers the JSON of a call that must succeed. */
    async get(path) {
        return this.expect("GET", path);
    }

    async post(path, body = {}) {
        return this.expect("POST", path, body);
    }

    async expect(method, path, body) {
        const answer = await this.call(method, path, body);
        if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
        return answer.json;
    }

    close() {
        this.agent.destroy();
    }
}

/** Asks `probe` until it gives something truthy; throws after the limit with the last answer. */
export async function until(what, probe, { limitMs = 30_000, everyMs = 100 } = {}) {
    const end = Date.now() + limitMs;
    let last;
    for (;;) {
        try {
            last = await probe();
            if (last) return last;
        } catch (error) {
            last = error;
        }
        if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms; last: ${last?.message ?? JSON.stringify(last)}`);
        await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
}
