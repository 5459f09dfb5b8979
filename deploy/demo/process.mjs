// One program of the demo: started, watched until it says `ready`, ended by its id.
import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { once } from "node:events";

const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

export class Program {
    /** `ready` is false for programs that say nothing (X servers). */
    constructor(name, path, args, { logFile, env = {}, ready = true }) {
        Object.assign(this, { name, path, args, logFile, env, ready });
        this.child = null;
        this.exited = null;
    }

    get pid() {
        return this.child?.pid;
    }

    get running() {
        return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
    }

    async start() {
        if (this.running) throw new Error(`${this.name} runs already`);
        // The program writes its log itself, so that all of it is there when it has ended.
        const log = openSync(this.logFile, "a");
        const child = spawn(this.path, this.args, {
            stdio: ["ignore", this.ready ? "pipe" : log, log],
            env: { ...process.env, ...this.env },
        });
        this.child = child;
        this.exited = new Promise((resolve) => {
            child.once("error", (error) => resolve({ error }));
            child.once("exit", (code, signal) => resolve({ code, signal }));
        });
        if (!this.ready) {
            closeSync(log);
            return this;
        }
        child.once("close", () => closeSync(log));
        let timer;
        const said = new Promise((resolve) => {
            let text = "";
            child.stdout.setEncoding("utf8");
            child.stdout.on("data", (chunk) => {
                writeSync(log, chunk);
                text = (text + chunk).slice(-65536);
                if (/^ready\b/m.test(text)) resolve("ready");
            });
        });
        const late = new Promise((resolve) => {
            timer = setTimeout(() => resolve("late"), READY_LIMIT_MS);
        });
        const outcome = await Promise.race([said, late, this.exited]);
        clearTimeout(timer);
        if (outcome !== "ready") {
            if (outcome === "late") child.kill("SIGKILL");
            throw new Error(
                `${this.name} did not start (${outcome === "late" ? `no sign within ${READY_LIMIT_MS / 1000} s` : JSON.stringify(outcome)}); its log is ${this.logFile}`,
            );
        }
        return this;
    }

    /** Ends it and waits; SIGKILL when it does not end in time. */
    async stop(signal = "SIGTERM") {
        if (!this.running) return;
        this.child.kill(signal);
        let timer;
        const late = new Promise((resolve) => {
            timer = setTimeout(() => resolve("late"), STOP_LIMIT_MS);
        });
        if ((await Promise.race([this.exited, late])) === "late") {
            this.child.kill("SIGKILL");
            await this.exited;
        }
        clearTimeout(timer);
    }

    async kill() {
        await this.stop("SIGKILL");
    }

    async restart() {
        await this.stop();
        return this.start();
    }
}

/** Runs a program to its end; gives its standard output, throws with its standard error. */
export async function run(path, args, { input, env = {}, cwd } = {}) {
    const child = spawn(path, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env }, cwd });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    // Who ends without reading its input is judged by its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    const [code, signal] = await once(child, "close");
    if (code !== 0) {
        const error = new Error(`${path} ${args.join(" ")}: ${signal ?? `exit ${code}`}\n${err || out}`);
        Object.assign(error, { code, out, err });
        throw error;
    }
    return out;
}
