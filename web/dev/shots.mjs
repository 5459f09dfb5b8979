// Screenshots of every page against dev/server.mjs: `node dev/shots.mjs FOLDER [WIDTHxHEIGHT] [NAME...]`.
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [folder = 'shots', size = '1366x768', ...only] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const BASE = process.env.BASE ?? 'http://127.0.0.1:8899';
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'] });

/** Stands in for the media of a real node: a moving picture drawn by the page itself. */
function fakeMedia() {
  let serial = 0;
  const RealFetch = window.fetch;
  window.fetch = async (url, options) => (String(url).includes('/whep/') ? (options.method === 'DELETE' ? new Response(null, { status: 204 }) : new Response('v=0', { status: 201, headers: { Location: '/api/v1/whep/x/y' } })) : RealFetch(url, options));
  window.RTCPeerConnection = class extends EventTarget {
    iceGatheringState = 'complete';
    connectionState = 'connected';
    localDescription = { sdp: 'v=0' };
    frames = 0;
    addTransceiver() {}
    async createOffer() { return {}; }
    async setLocalDescription() {}
    async setRemoteDescription() {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: 640, height: 360 });
      const c = canvas.getContext('2d');
      const hue = (serial++ * 47) % 360;
      this.timer = setInterval(() => {
        this.frames += 1;
        c.fillStyle = `hsl(${hue} 22% 34%)`;
        c.fillRect(0, 0, 640, 360);
        c.fillStyle = `hsl(${hue} 30% 55%)`;
        c.fillRect(60 + ((this.frames * 3) % 420), 130, 130, 160);
        c.fillStyle = '#fff';
        c.font = '28px sans-serif';
        c.fillText(new Date().toISOString().slice(11, 23), 20, 40);
      }, 100);
      const track = canvas.captureStream(10).getVideoTracks()[0];
      this.ontrack?.({ track });
    }
    async getStats() {
      return new Map([['v', { type: 'inbound-rtp', kind: 'video', framesDecoded: this.frames, frameWidth: 1280, frameHeight: 720 }], ['a', { type: 'inbound-rtp', kind: 'audio', audioLevel: 0.12 }]]);
    }
    close() { clearInterval(this.timer); }
  };
}

async function signedIn(name, language = 'zh-CN') {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN' });
  await context.addInitScript(`localStorage.setItem('tongping.language', '${language}')`);
  await context.addInitScript(fakeMedia);
  const page = await context.newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/status of 4/.test(message.text()) && console.log(`[${name}]`, message.text()));
  page.on('pageerror', (error) => console.log(`[${name}] pageerror`, error.message));
  if (name) {
    await page.goto(`${BASE}/login`);
    await page.fill('[data-testid=login-name]', name);
    await page.fill('[data-testid=login-password]', 'demo');
    await page.click('[data-testid=login-submit]');
    await page.waitForSelector('[data-testid=account-menu]');
  }
  return page;
}
async function shot(page, name) {
  if (only.length && !only.some((part) => name.includes(part))) return;
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${folder}/${name}.png` });
  console.log(name);
}
const wants = (...names) => !only.length || names.some((name) => only.some((part) => name.includes(part)));
const at = async (page, path) => {
  await page.goto(BASE + path);
  await page.waitForLoadState('networkidle').catch(() => undefined);
};

if (wants('gate')) {
  const page = await signedIn('');
  await at(page, '/login');
  await page.fill('[data-testid=login-name]', 'agency');
  await page.fill('[data-testid=login-password]', 'x');
  await page.click('[data-testid=login-submit]');
  await shot(page, 'gate-login');
  await at(page, '/register');
  await shot(page, 'gate-register');
}
if (wants('agency')) {
  const page = await signedIn('agency');
  await shot(page, 'agency-workbench');
  await at(page, '/lots');
  await shot(page, 'agency-lots');
  await page.click('[data-testid=lot-add]');
  await shot(page, 'agency-lot-add');
  await at(page, '/sessions');
  await shot(page, 'agency-sessions');
  await at(page, '/sessions/ses_3demo');
  await shot(page, 'agency-session-drawing');
  await page.setViewportSize({ width, height: 1700 });
  await page.click('[data-testid=lot-check]');
  await shot(page, 'agency-session-drawing-whole');
  await page.setViewportSize({ width, height });
  await page.click('[data-testid=action-leave]');
  await shot(page, 'agency-leave');
  await at(page, '/sessions/ses_6demo');
  await page.click('[data-testid=action-draw]');
  await shot(page, 'agency-draw');
  await at(page, '/sessions/ses_5demo/venues');
  await shot(page, 'agency-again');
  await at(page, '/lots/lot_6/request');
  await page.click('[data-testid=main-center-lanzhou]');
  await page.click('[data-testid=main-room-lanzhou-r1]');
  await shot(page, 'agency-request-1');
  await page.click('[data-testid=request-next]');
  await shot(page, 'agency-request-2-lot');
  await page.click('[data-testid=choice-pick]');
  await page.click('[data-testid=seat-tianshui-r1-s01]');
  await page.click('[data-testid=seat-tianshui-r1-s02]');
  await shot(page, 'agency-request-2-pick');
  await page.click('[data-testid=request-next]');
  await shot(page, 'agency-request-3');
  await at(page, '/nothing/here');
  await shot(page, 'agency-404');
}
if (wants('staff')) {
  const page = await signedIn('staff-tianshui');
  await shot(page, 'staff-workbench');
  await at(page, '/sessions/ses_4demo/check');
  await shot(page, 'staff-check');
  await page.click('[data-testid=venue-refuse]');
  await shot(page, 'staff-refuse');
  await at(page, '/schedule');
  await shot(page, 'staff-schedule');
  const main = await signedIn('staff-lanzhou');
  await at(main, '/sessions/ses_2demo');
  await shot(main, 'staff-session-entry');
  await main.click('[data-testid=action-start]');
  await main.click('[data-testid=dialog-ok]');
  await shot(main, 'staff-start-refused');
}
if (wants('regulator')) {
  const page = await signedIn('regulator');
  await at(page, '/sessions');
  await shot(page, 'regulator-sessions');
  await at(page, '/sessions/ses_1demo');
  await shot(page, 'regulator-session');
  await at(page, '/sessions/ses_1demo/watch');
  await page.waitForTimeout(2500);
  await shot(page, 'regulator-wall');
  await page.click('[data-testid=tile-lanzhou-r1-env]');
  await page.waitForTimeout(1500);
  await shot(page, 'regulator-large');
}
if (wants('operator')) {
  const page = await signedIn('operator');
  for (const path of ['nodes', 'services', 'registrations', 'log']) {
    await at(page, `/${path}`);
    if (path === 'nodes') await page.waitForTimeout(5500);
    await shot(page, `operator-${path}`);
  }
}
if (wants('english')) {
  const page = await signedIn('agency', 'en');
  await shot(page, 'english-workbench');
  await at(page, '/sessions/ses_3demo');
  await shot(page, 'english-session');
}
if (wants('terminal')) {
  const page = await signedIn('');
  const set = (body) => page.request.post(`${BASE}/api/terminal/set`, { data: JSON.stringify(body) });
  await set({ enrolled: false, login: null, phase: 'entry', link: 'up', none: false });
  await at(page, '/terminal/');
  await shot(page, 'terminal-enrol');
  await at(page, '/terminal/#seat=lanzhou-r1-s03&code=ABCD2345');
  await page.reload();
  await at(page, '/terminal/?x#seat=lanzhou-r1-s03&code=ABCD2345');
  await page.waitForSelector('[data-testid=login]');
  await page.fill('[data-testid=terminal-id]', '110101199003070000');
  await page.fill('[data-testid=terminal-code]', '111111');
  await shot(page, 'terminal-login');
  await page.click('[data-testid=terminal-submit]');
  await page.waitForSelector('[data-testid=terminal-error]');
  await shot(page, 'terminal-refused');
  for (const key of '11010119900307001X') await page.click(`[data-testid=key-${key}]`);
  for (const key of '123456') await page.click(`[data-testid=key-${key}]`);
  await page.click('[data-testid=terminal-submit]');
  await page.waitForSelector('[data-testid=waiting-room]');
  await shot(page, 'terminal-waiting');
  await set({ phase: 'evaluating', link: 'down' });
  await at(page, '/terminal/');
  await page.click('[data-testid=help]');
  await shot(page, 'terminal-evaluating-linkdown');
  await set({ phase: 'prepared', link: 'up', login: null });
  await at(page, '/terminal/');
  await shot(page, 'terminal-prepared');
  await set({ none: true });
  await at(page, '/terminal/');
  await shot(page, 'terminal-idle');
}
await browser.close();
