// A tp-media of its own for a test, in a folder that disappears with it.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MediaSocket } from "./media_socket.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const bin = process.env.TP_BIN ?? join(root, "bazel-bin");

export class MediaProcess {
    static async start(settings = {}) {
        const self = new MediaProcess();
        self.dir = mkdtempSync(join(tmpdir(), "tp-media-"));
        self.path = join(self.dir, "media.sock");
        const lines = Object.entries({ socket: "media.sock", addresses: "127.0.0.1", ...settings }).map(([key, value]) => `${key} = ${value}`);
        writeFileSync(join(self.dir, "media.ini"), `[media]\n${lines.join("\n")}\n`);
        self.child = spawn(join(bin, "media", "tp-media"), ["--config", join(self.dir, "media.ini")], { stdio: ["ignore", "pipe", "pipe"] });
        self.exited = new Promise((resolve) => {
            self.child.once("exit", (code, signal) => resolve({ code, signal }));
            self.child.once("error", (error) => resolve({ code: -1, signal: error.code }));
        });
        self.log = "";
        self.child.stderr.on("data", (bytes) => { self.log += bytes; });
        const ready = new Promise((resolve) => self.child.stdout.once("data", resolve));
        const first = await Promise.race([ready, self.exited]);
        if (!Buffer.isBuffer(first)) throw new Error(`tp-media ended at once: ${JSON.stringify(first)} ${self.log}`);
        return self;
    }

    connect() { return MediaSocket.connect(this.path); }
    get alive() { return this.child.exitCode === null && this.child.signalCode === null; }
    threads() { return readdirSync(`/proc/${this.child.pid}/task`).length; }
    files() { return readdirSync(`/proc/${this.child.pid}/fd`).length; }

    /** CPU seconds used so far. */
    cpu() {
        const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
        return (Number(fields[11]) + Number(fields[12])) / 100;
    }

    async stop() {
        if (this.alive) this.child.kill("SIGTERM");
        const result = await this.exited;
        const left = existsSync(this.path);
        if (process.env.TP_KEEP === undefined) rmSync(this.dir, { recursive: true, force: true });
        return { ...result, socketLeft: left };
    }
}
