// Debian's Chromium under playwright-core, and the ways a person works the pages' controls.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--allow-loopback-in-peer-connection", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
];

export const launch = () => chromium.launch({ executablePath: process.env.TP_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** A person at a browser of his own: a context with one page. */
export async function person(browser, { width = 1366, height = 768, locale = "zh-CN" } = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height }, locale, timezoneId: "Asia/Shanghai" });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    page.problems = [];
    page.on("pageerror", (error) => page.problems.push(`page error: ${error.message}`));
    page.on("console", (message) => {
        // Refused requests are shown to the person; what the browser says of them is not a fault of the page.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) page.problems.push(`console: ${message.text()}`);
    });
    return page;
}

export const go = (page, url) => page.goto(url, { waitUntil: "commit" });

export async function signIn(page, base, login) {
    await go(page, `${base}/login`);
    await page.getByTestId("login-name").fill(login.name);
    await page.getByTestId("login-password").fill(login.password);
    await page.getByTestId("login-submit").click();
    await page.getByTestId("account-menu").waitFor();
}

/** Picks the option that holds `text` in an Element Plus select. */
export async function choose(page, testid, text) {
    await page.getByTestId(testid).locator("visible=true").first().click();
    const option = page.locator(".el-select-dropdown:visible .el-select-dropdown__item:visible").filter({ hasText: text }).first();
    await option.scrollIntoViewIfNeeded();
    await option.click();
    await page.locator(".el-select-dropdown:visible").first().waitFor({ state: "hidden" }).catch(() => page.keyboard.press("Escape"));
}

/** Types a day into the Element Plus date picker that is on the page, as it is shown in Chinese. */
export async function day(page, ms) {
    const china = new Date(ms + 8 * 3_600_000);
    const field = page.locator(".el-date-editor input:visible").first();
    await field.fill(`${china.getUTCFullYear()}年${china.getUTCMonth() + 1}月${china.getUTCDate()}日`);
    await field.press("Enter");
}

export function clock(ms) {
    const china = new Date(ms + 8 * 3_600_000);
    return `${String(china.getUTCHours()).padStart(2, "0")}:${String(china.getUTCMinutes()).padStart(2, "0")}`;
}

/** Element Plus number inputs keep their value in an inner input. */
export async function number(page, testid, value) {
    const field = page.locator(`[data-testid="${testid}"] input, input[data-testid="${testid}"]`).first();
    await field.fill(String(value));
    await field.press("Tab");
}

/** A screenshot when a folder was asked for. */
export async function shot(page, name) {
    const folder = process.env.TP_SHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** What a tile shows: mean brightness and how much two pictures of it differ, from the video itself. */
export async function picture(tile) {
    return tile.locator("video").evaluate(async (video) => {
        const canvas = document.createElement("canvas");
        canvas.width = 160;
        canvas.height = 90;
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        const grab = () => {
            pen.drawImage(video, 0, 0, 160, 90);
            return pen.getImageData(0, 0, 160, 90).data;
        };
        const first = grab();
        await new Promise((resolve) => setTimeout(resolve, 2500));
        const second = grab();
        let sum = 0;
        let differing = 0;
        for (let at = 0; at < second.length; at += 4) {
            sum += (second[at] + second[at + 1] + second[at + 2]) / 3;
            const change = Math.abs(first[at] - second[at]) + Math.abs(first[at + 1] - second[at + 1]) + Math.abs(first[at + 2] - second[at + 2]);
            if (change > 24) differing += 1;
        }
        return { brightness: sum / (second.length / 4), differing, width: video.videoWidth, height: video.videoHeight };
    });
}
