// ./dev up: creates the demo province when it is not there yet, starts it, prints where and who, waits.
import { parseArgs } from "node:util";
import { homedir } from "node:os";
import { join } from "node:path";
import { Province } from "./province.mjs";
import { centers } from "./centers.mjs";

const DEFAULT_PORT = 8443;
const roleNames = { agency: "招标代理  agency", staff: "中心工作人员 staff", regulator: "监管部门  regulator", operator: "系统运维  operator" };

function usage(message) {
    console.error(`${message}\nusage: ./dev up [--port N] [--dir DIR] [--json] [--auto-accept]`);
    process.exit(2);
}

function readArguments() {
    let values;
    try {
        ({ values } = parseArgs({
            options: { port: { type: "string" }, dir: { type: "string" }, json: { type: "boolean" }, "auto-accept": { type: "boolean" } },
        }));
    } catch (error) {
        usage(error.message);
    }
    const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65000) usage(`--port ${values.port}: a port is 0 (free ones) or up to 65000`);
    const data = process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share");
    return { port, dir: values.dir ?? join(data, "tongping-demo"), json: values.json ?? false, autoAccept: values["auto-accept"] ?? false };
}

function describe(province) {
    return {
        url: province.url,
        ca: join(province.dir, "ca", "ca.pem"),
        dir: province.dir,
        gateway: province.gatewayUrl,
        trading: province.tradingUrl,
        venues: Object.fromEntries(centers.map((center) => [center.id, province.venueUrl(center.id)])),
        logins: province.logins.map(({ role, name, password, display, center_id }) => ({ role, name, password, display, center_id })),
        terminals: Object.fromEntries(
            centers.flatMap((center) => center.rooms.flatMap((room) => room.seats.map((seat) => [seat.id, province.terminalUrl(seat.id)]))),
        ),
    };
}

function print(told) {
    console.log(`
同评 Tongping 演示省已启动   The demo province is up

  网页 Pages            ${told.url}
  演示手机 Phones        ${told.gateway}     （专家收到的短信与语音，在此代为回复）
  交易系统 Trading system ${told.trading}

  浏览器会提示证书由演示 CA 签发：继续访问，或导入 ${told.ca}
`);
    for (const login of told.logins)
        console.log(`  ${roleNames[login.role].padEnd(14)}  ${login.name.padEnd(16)} ${login.password}   ${login.display}`);
    console.log("\n  专家机位终端 Seat terminals（每个机位一个地址，凭身份证号和短信中的入场码登录）");
    for (const center of centers) console.log(`    ${center.short}  ${told.terminals[center.rooms[0].seats[0].id]}`);
    console.log(`    全部机位见 ${join(told.dir, "terminals.txt")}\n\n  Ctrl-C 停止全部程序   stops everything\n`);
}

const options = readArguments();
const province = new Province({
    dir: options.dir,
    port: options.port,
    autoAccept: options.autoAccept,
    bin: process.env.TP_BIN,
    root: process.env.TP_ROOT,
});
let ending = null;
const end = (code) => (ending ??= province.stop().then(() => process.exit(code)));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(0));

const progress = (what) => console.error(`-- ${what}`);
try {
    await province.create(progress);
    await province.start({ progress });
} catch (error) {
    console.error(`dev up: ${error.message}`);
    await end(1);
}
const told = describe(province);
const { writeFileSync } = await import("node:fs");
writeFileSync(join(province.dir, "terminals.txt"), `${Object.entries(told.terminals).map(([seat, url]) => `${seat}  ${url}`).join("\n")}\n`, { mode: 0o600 });
if (options.json) console.log(JSON.stringify(told));
else print(told);
// A program that ends by itself is said at once: the rest goes on.
for (const program of province.programs.values())
    program.exited.then((how) => ending ?? console.error(`-- ${program.name} ended (${JSON.stringify(how)}); log: ${program.logFile}`));
setInterval(() => {}, 1 << 30);
