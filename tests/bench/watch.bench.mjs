// From the regulator's click on a tile to the first decoded frame of the large picture, in the page itself; against a bare
// peer connection inside the same page (canvas to video, no server), measured in the same run.
import { go, launch, person, signIn } from "../support/browser.mjs";
import { until } from "../support/https.mjs";
import { acceptUntilDrawn, addLot, confirmAll, everyoneLogsIn, loginAs, requestBody, temporaryProvince, waitForState } from "../support/scenario.mjs";

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function runningSession(province) {
    const agency = await loginAs(province, "agency");
    const main = await loginAs(province, "staff-lanzhou");
    const session = await confirmAll(province, await agency.post("/sessions", await requestBody(agency, await addLot(agency))));
    await agency.post(`/sessions/${session.id}/draw`, { version: session.version, exclude_employers: [], max_per_employer: null });
    await acceptUntilDrawn(province, agency, session.id);
    const delivered = await waitForState(agency, session.id, "delivered");
    await main.post(`/sessions/${session.id}/open-entry`, { version: delivered.version });
    await until("everyone in", async () => {
        await everyoneLogsIn(province, agency, session.id);
        return (await main.get(`/sessions/${session.id}`)).entry.present === 5;
    }, { everyMs: 1000 });
    const full = await main.get(`/sessions/${session.id}`);
    await main.post(`/sessions/${session.id}/start`, { version: full.version });
    agency.close();
    main.close();
    return session.id;
}

/** Clicks the tile and waits for the first frame of the large video; milliseconds in the page's own clock. */
const clickToFrame = (page, feed) => page.evaluate(async (id) => {
    const limit = 15_000;
    const begin = performance.now();
    document.querySelector(`[data-testid="tile-${id}"]`).closest("[role=button]").click();
    for (;;) {
        const video = document.querySelector(`[data-testid="large-tile"][data-feed="${id}"] video`);
        if (video) {
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, limit);
                video.requestVideoFrameCallback(() => {
                    clearTimeout(timer);
                    resolve();
                });
            });
            return performance.now() - begin;
        }
        if (performance.now() - begin > limit) throw new Error("no large tile");
        await new Promise((resolve) => requestAnimationFrame(resolve));
    }
}, feed);

/** Two peers of one page: the floor of the browser itself. */
const barePeers = (page) => page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 1280;
    canvas.height = 720;
    const pen = canvas.getContext("2d");
    const paint = setInterval(() => {
        pen.fillStyle = `rgb(${Date.now() % 256} 90 120)`;
        pen.fillRect(0, 0, 1280, 720);
    }, 66);
    const begin = performance.now();
    const from = new RTCPeerConnection();
    const to = new RTCPeerConnection();
    from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate);
    to.onicecandidate = ({ candidate }) => candidate && from.addIceCandidate(candidate);
    const video = document.createElement("video");
    video.muted = true;
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(performance.now() - begin)));
    to.ontrack = ({ streams }) => {
        video.srcObject = streams[0];
        video.play();
    };
    const stream = canvas.captureStream(15);
    for (const track of stream.getTracks()) from.addTrack(track, stream);
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription);
    const spent = await shown;
    clearInterval(paint);
    from.close();
    to.close();
    return spent;
});

export async function bench(report) {
    const province = await temporaryProvince({ media: true, desktops: false });
    let browser;
    try {
        await province.start();
        const id = await runningSession(province);
        browser = await launch();
        const page = await person(browser);
        await signIn(page, province.url, province.logins.find((login) => login.name === "regulator"));
        await go(page, `${province.url}/sessions/${id}/watch`);
        await page.getByTestId("wall").waitFor();
        const feeds = ["lanzhou-r1-s01-cam", "lanzhou-r1-s02-cam", "lanzhou-r1-s03-cam", "tianshui-r1-s01-cam", "tianshui-r1-s02-cam"];
        for (const feed of feeds) await until(`the tile of ${feed}`, async () => Number(await page.getByTestId(`tile-${feed}`).getAttribute("data-frames")) > 0, { limitMs: 60_000 });
        // The wall is hidden from the measure: only the large picture counts from here.
        const cold = [];
        const warm = [];
        for (const feed of feeds) cold.push(await clickToFrame(page, feed));
        for (let round = 0; round < 2; round++) for (const feed of feeds) warm.push(await clickToFrame(page, feed));
        const bare = [];
        for (let round = 0; round < 7; round++) bare.push(await barePeers(page));
        const floor = median(bare);
        console.error(`cold ${cold.map(Math.round).join(" ")} ms; warm ${warm.map(Math.round).join(" ")} ms; bare ${bare.map(Math.round).join(" ")} ms`);
        report("first_frame_cold", median(cold), "ms", median(cold) / floor, "bare_peer_connection");
        report("first_frame_warm", median(warm), "ms", median(warm) / floor, "bare_peer_connection");
        report("bare_peer_connection", floor, "ms", 1, "bare_peer_connection");
    } finally {
        await browser?.close();
        await province.remove();
    }
}
