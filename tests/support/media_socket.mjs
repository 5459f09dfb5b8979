// tp-venue's side of the conversation of proto/media.proto, for tests: frames over the local socket.
import net from "node:net";

const UINT = 0;
const BYTES = 2;
// Per message: field number -> [name, kind]; kind is "uint", "bool", "text" or the name of a message; "*" repeats.
const MESSAGES = {
    MediaFrame: {
        1: ["call_id", "uint"], 2: ["feed_set", "FeedSet"], 3: ["viewer_offer", "ViewerOffer"], 4: ["viewer_end", "ViewerEnd"],
        10: ["done", "Done"], 11: ["viewer_answer", "ViewerAnswer"], 12: ["status", "MediaStatus"],
    },
    FeedSet: { 1: ["feeds", "Feed*"] },
    Feed: {
        1: ["feed_id", "text"], 2: ["kind", "text"], 3: ["source", "text"], 4: ["sound", "text"],
        5: ["width", "uint"], 6: ["height", "uint"], 7: ["frame_rate", "uint"], 8: ["bitrate_kbit", "uint"],
    },
    ViewerOffer: { 1: ["viewer_id", "text"], 2: ["feed_id", "text"], 3: ["rendition", "text"], 4: ["sdp", "text"], 5: ["expires_ms", "uint"] },
    ViewerAnswer: { 1: ["ok", "bool"], 2: ["error_code", "text"], 3: ["error_message", "text"], 4: ["sdp", "text"] },
    ViewerEnd: { 1: ["viewer_id", "text"] },
    Done: { 1: ["ok", "bool"], 2: ["error_code", "text"], 3: ["error_message", "text"] },
    MediaStatus: { 1: ["feeds", "FeedState*"] },
    FeedState: {
        1: ["feed_id", "text"], 2: ["state", "text"], 3: ["detail", "text"], 4: ["viewer_count", "uint"],
        5: ["frame_count", "uint"], 6: ["ended_viewers", "text*"],
    },
};

function varint(value) {
    const bytes = [];
    let rest = BigInt(value);
    do {
        const low = Number(rest & 127n);
        rest >>= 7n;
        bytes.push(rest > 0n ? low | 128 : low);
    } while (rest > 0n);
    return Buffer.from(bytes);
}

export function encode(type, message) {
    const parts = [];
    for (const [number, [name, kind]] of Object.entries(MESSAGES[type])) {
        if (message[name] === undefined) continue;
        const base = kind.replace("*", "");
        for (const value of kind.endsWith("*") ? message[name] : [message[name]]) {
            if (base === "uint" || base === "bool") {
                parts.push(varint((Number(number) << 3) | UINT), varint(Number(value)));
                continue;
            }
            const body = base === "text" ? Buffer.from(value) : encode(base, value);
            parts.push(varint((Number(number) << 3) | BYTES), varint(body.length), body);
        }
    }
    return Buffer.concat(parts);
}

export function decode(type, bytes) {
    let at = 0;
    const read = () => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = bytes[at++];
            value |= BigInt(byte & 127) << shift;
            if (byte < 128) return Number(value);
        }
    };
    const message = {};
    for (const [name, kind] of Object.values(MESSAGES[type])) {
        if (kind.endsWith("*")) message[name] = [];
        else if (kind === "text") message[name] = "";
        else if (kind === "uint") message[name] = 0;
        else if (kind === "bool") message[name] = false;
    }
    while (at < bytes.length) {
        const key = read();
        const [name, kind] = MESSAGES[type][key >> 3];
        const base = kind.replace("*", "");
        let value = read();
        if ((key & 7) === BYTES) {
            const body = bytes.subarray(at, at + value);
            at += value;
            value = base === "text" ? body.toString("utf8") : decode(base, body);
        } else if (base === "bool") value = value !== 0;
        if (kind.endsWith("*")) message[name].push(value);
        else message[name] = value;
    }
    return message;
}

export function frame(message) {
    const body = encode("MediaFrame", message);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    return Buffer.concat([head, body]);
}

const within = (promise, limitMs, what) => {
    let timer;
    const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs); });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** One connection to tp-media. */
export class MediaSocket {
    #held = Buffer.alloc(0);
    #waiting = new Map();
    #watchers = new Set();
    #calls = 0;

    static async connect(path) {
        const self = new MediaSocket();
        self.socket = net.connect(path);
        await new Promise((resolve, reject) => self.socket.once("connect", resolve).once("error", reject));
        self.closed = new Promise((resolve) => self.socket.once("close", resolve));
        self.socket.on("error", () => {});
        self.socket.on("data", (bytes) => self.#take(bytes));
        return self;
    }

    #take(bytes) {
        this.#held = Buffer.concat([this.#held, bytes]);
        while (this.#held.length >= 4) {
            const length = this.#held.readUInt32BE();
            if (this.#held.length < 4 + length) return;
            const message = decode("MediaFrame", this.#held.subarray(4, 4 + length));
            this.#held = this.#held.subarray(4 + length);
            if (message.status) {
                this.status = message.status;
                for (const watcher of this.#watchers) watcher(message.status);
            } else {
                this.#waiting.get(message.call_id)?.(message.done ?? message.viewer_answer);
                this.#waiting.delete(message.call_id);
            }
        }
    }

    call(message, limitMs = 15_000) {
        const call_id = ++this.#calls;
        const answer = new Promise((resolve) => this.#waiting.set(call_id, resolve));
        this.socket.write(frame({ call_id, ...message }));
        return within(answer, limitMs, Object.keys(message)[0]);
    }

    setFeeds(feeds) { return this.call({ feed_set: { feeds } }); }
    offer(values) { return this.call({ viewer_offer: { rendition: "main", expires_ms: 0, ...values } }); }
    end(viewer_id) { return this.call({ viewer_end: { viewer_id } }); }

    /** The first status for which `test(status)` is truthy; answers what it gave. */
    until(test, what, limitMs = 15_000) {
        let watcher;
        const found = new Promise((resolve) => {
            watcher = (status) => { const result = test(status); if (result) resolve(result); };
            this.#watchers.add(watcher);
            if (this.status) watcher(this.status);
        });
        return within(found, limitMs, what).finally(() => this.#watchers.delete(watcher));
    }

    untilFeed(feedId, test, limitMs) {
        return this.until((status) => status.feeds.find((feed) => feed.feed_id === feedId && test(feed)), `feed ${feedId}`, limitMs);
    }

    close() { this.socket.destroy(); return this.closed; }
}
