// A real Chromium as the viewer: joins a feed by handing the offer to `exchange`, and tells what is decoded.
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--allow-loopback-in-peer-connection", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
];

function inPage() {
    const viewers = new Map();
    const gathered = (peer) => new Promise((resolve) => {
        const check = () => { if (peer.iceGatheringState === "complete") resolve(); };
        peer.addEventListener("icegatheringstatechange", check);
        check();
    });
    window.join = async (id, { feed, rendition, sound, tamper, tcp }) => {
        const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
        const video = document.createElement("video");
        video.autoplay = true;
        video.playsInline = true;
        document.body.append(video);
        const stream = new MediaStream();
        video.srcObject = stream;
        const viewer = { peer, video, began: performance.now(), firstFrame: null };
        viewers.set(id, viewer);
        peer.ontrack = ({ track, receiver }) => { stream.addTrack(track); receiver.jitterBufferTarget = 0; };
        video.requestVideoFrameCallback?.(() => { viewer.firstFrame ??= performance.now() - viewer.began; });
        peer.addTransceiver("video", { direction: "recvonly" });
        if (sound) peer.addTransceiver("audio", { direction: "recvonly" });
        await peer.setLocalDescription();
        await gathered(peer);
        viewer.offer = peer.localDescription.sdp;
        let sdp = viewer.offer;
        if (tamper) sdp = sdp.replace(/(a=fingerprint:sha-256 )(..)/g, (_, head, first) => head + (first === "00" ? "01" : "00"));
        const withoutUdp = (text) => text.replace(/a=candidate:\S+ \d+ udp .*\r\n/gi, "");
        if (tcp) sdp = withoutUdp(sdp);
        const answer = await window.exchange({ viewer_id: id, feed_id: feed, rendition, sdp });
        if (!answer.ok) return { ok: false, code: answer.error_code, message: answer.error_message };
        viewer.answer = tcp ? withoutUdp(answer.sdp) : answer.sdp;
        await peer.setRemoteDescription({ type: "answer", sdp: viewer.answer });
        return { ok: true, answer: answer.sdp, answeredMs: performance.now() - viewer.began };
    };
    window.look = async (id) => {
        const { peer, video, firstFrame } = viewers.get(id);
        const result = { connection: peer.connectionState, framesDecoded: 0, width: 0, bytes: 0, audioBytes: 0, audioEnergy: 0, firstFrame, keyFrames: 0, pli: 0, lost: 0, fps: 0 };
        for (const report of (await peer.getStats()).values()) {
            if (report.type === "candidate-pair" && report.nominated) result.pair = report;
            if (report.type === "local-candidate" || report.type === "remote-candidate") (result.candidates ??= {})[report.id] = report.protocol;
            if (report.type !== "inbound-rtp") continue;
            if (report.kind === "video") {
                Object.assign(result, { framesDecoded: report.framesDecoded ?? 0, width: report.frameWidth ?? 0, height: report.frameHeight ?? 0, bytes: report.bytesReceived,
                    keyFrames: report.keyFramesDecoded, pli: report.pliCount, lost: report.packetsLost, fps: report.framesPerSecond ?? 0,
                    jitterMs: report.jitterBufferEmittedCount ? 1000 * report.jitterBufferDelay / report.jitterBufferEmittedCount : 0 });
            } else {
                Object.assign(result, { audioBytes: report.bytesReceived, audioEnergy: report.totalAudioEnergy, audioLevel: report.audioLevel });
            }
        }
        result.protocol = result.pair && result.candidates[result.pair.remoteCandidateId];
        result.playing = !video.paused && video.readyState >= 2;
        return result;
    };
    // Brightness of the present picture in a raster, and the time its strip of 32 cells tells.
    window.picture = (id) => {
        const { video } = viewers.get(id);
        const canvas = document.createElement("canvas");
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        if (!canvas.width) return null;
        const context = canvas.getContext("2d", { willReadFrequently: true });
        context.drawImage(video, 0, 0);
        const now = Date.now();
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const level = (x, y) => { const at = (Math.floor(y) * canvas.width + Math.floor(x)) * 4; return (data[at] + data[at + 1] + data[at + 2]) / 3; };
        const raster = [];
        for (let y = 0.5; y < 36; y++) for (let x = 0.5; x < 64; x++) raster.push(level(x * canvas.width / 64, y * canvas.height / 36));
        let strip = 0;
        for (let cell = 0; cell < 32; cell++) strip = strip * 2 + (level((cell + 0.5) * canvas.width / 32, canvas.height * (1 - 8 / 720)) > 128 ? 1 : 0);
        return { raster, delayMs: (now % 2 ** 32) - strip, width: canvas.width, height: canvas.height };
    };
    window.shot = (id) => {
        const { video } = viewers.get(id);
        const canvas = document.createElement("canvas");
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        canvas.getContext("2d").drawImage(video, 0, 0);
        return canvas.toDataURL("image/png").split(",")[1];
    };
    window.leave = (id) => {
        const viewer = viewers.get(id);
        viewer.peer.close();
        viewer.video.remove();
        viewers.delete(id);
    };
}

export class ViewerPage {
    /** `exchange({viewer_id, feed_id, rendition, sdp})` answers a ViewerAnswer. */
    static async open(exchange, { killable = false } = {}) {
        const self = new ViewerPage();
        self.server = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>viewer</title>"));
        await new Promise((resolve) => self.server.listen(0, "127.0.0.1", resolve));
        const options = { executablePath: "/usr/bin/chromium", args: FLAGS };
        if (killable) {
            self.owner = await chromium.launchServer(options);
            self.browser = await chromium.connect(self.owner.wsEndpoint());
        } else {
            self.browser = await chromium.launch(options);
        }
        self.page = await self.browser.newPage();
        await self.page.exposeFunction("exchange", exchange);
        await self.page.addInitScript(inPage);
        await self.page.goto(`http://127.0.0.1:${self.server.address().port}/`, { waitUntil: "commit" });
        return self;
    }

    join(id, { feed, rendition = "main", sound = true, tamper = false, tcp = false }) {
        return this.page.evaluate(([name, options]) => window.join(name, options), [id, { feed, rendition, sound, tamper, tcp }]);
    }

    look(id) { return this.page.evaluate((name) => window.look(name), id); }
    picture(id) { return this.page.evaluate((name) => window.picture(name), id); }
    leave(id) { return this.page.evaluate((name) => window.leave(name), id); }
    async shot(id) { return Buffer.from(await this.page.evaluate((name) => window.shot(name), id), "base64"); }

    /** Looks until `test(look)` holds; answers that look. */
    async until(id, test, what, limitMs = 20_000) {
        const end = Date.now() + limitMs;
        for (;;) {
            const seen = await this.look(id);
            if (test(seen)) return seen;
            if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms: ${JSON.stringify(seen)}`);
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    /** The browser is gone without a word to anybody. */
    async kill() {
        process.kill(this.owner.process().pid, "SIGSTOP");
        const { execFileSync } = await import("node:child_process");
        for (const pid of execFileSync("pgrep", ["-P", String(this.owner.process().pid)], { encoding: "utf8" }).split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
        await this.owner.kill();
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    async close() {
        await this.browser.close();
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }
}

/** Mean brightness 0..255. */
export const brightness = (picture) => picture.raster.reduce((sum, level) => sum + level, 0) / picture.raster.length;
/** Mean difference of two pictures 0..255. */
export const difference = (a, b) => a.raster.reduce((sum, level, i) => sum + Math.abs(level - b.raster[i]), 0) / a.raster.length;
