// The phones of the demo: messages grouped by number, newest phone first; buttons reply as the owner would.
const PAUSE_MS = 1500;
const RETRY_MS = 4000;

const phones = new Map(); // number -> { element, list, told, waiting }
const board = document.getElementById("phones");
const state = document.getElementById("state");
const filter = document.getElementById("filter");
let seen = 0;

const time = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const asksForReply = (text) => text.includes("回复1") || text.includes("按1");

async function send(number, text) {
    const phone = phones.get(number);
    phone.told.textContent = "正在回复…";
    const answer = await fetch("/api/reply", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ phone: number, text }) }).catch(() => null);
    phone.told.textContent = answer?.ok ? `已回复 ${text}` : "没有送到，请再试一次";
    if (answer?.ok && text !== "3") phone.waiting = false;
    phone.footer.hidden = !phone.waiting;
}

/** Whose phone it is, and the ID number he types at the seat: the demo's experts are made up. */
async function showOwner(number, line) {
    const answer = await fetch(`/api/owners/${number}`).catch(() => null);
    if (!answer?.ok) return;
    const owner = await answer.json();
    line.textContent = `${owner.name} · 身份证号 ${owner.id_number}`;
}

function phoneOf(number) {
    const known = phones.get(number);
    if (known) return known;
    const element = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    element.dataset.phone = number;
    element.querySelector("h2").textContent = number.replace(/^(\d{3})(\d{4})(\d+)$/, "$1 $2 $3");
    const phone = { element, list: element.querySelector("ol"), footer: element.querySelector("footer"), told: element.querySelector(".told"), waiting: false };
    for (const button of element.querySelectorAll("[data-reply]")) button.addEventListener("click", () => send(number, button.dataset.reply));
    phones.set(number, phone);
    showOwner(number, element.querySelector(".owner"));
    return phone;
}

function show(message) {
    const phone = phoneOf(message.to);
    const item = document.createElement("li");
    item.className = message.kind;
    const when = document.createElement("small");
    when.textContent = `${message.kind === "voice" ? "语音电话" : "短信"} · ${time.format(message.at)}`;
    item.append(when, message.text);
    phone.list.append(item);
    phone.waiting = asksForReply(message.text);
    phone.footer.hidden = !phone.waiting;
    board.prepend(phone.element);
}

function applyFilter() {
    const wanted = filter.value.trim();
    for (const [number, phone] of phones) phone.element.hidden = wanted !== "" && !number.includes(wanted) && !phone.element.textContent.includes(wanted);
}

async function fetchMessages() {
    try {
        const answer = await fetch(`/api/messages?after=${seen}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const { items } = await answer.json();
        for (const message of items) {
            show(message);
            seen = message.n;
        }
        const waiting = [...phones.values()].filter((phone) => phone.waiting).length;
        state.className = "";
        state.textContent = phones.size === 0 ? "还没有通知。招标代理开始抽取专家后，通知会出现在这里。" : `${phones.size} 部手机，${waiting} 部等待回复`;
        document.getElementById("accept-all").disabled = waiting === 0;
        applyFilter();
        setTimeout(fetchMessages, PAUSE_MS);
    } catch {
        state.className = "bad";
        state.textContent = "网关没有应答，正在重新连接…";
        setTimeout(fetchMessages, RETRY_MS);
    }
}

filter.addEventListener("input", applyFilter);
document.getElementById("accept-all").addEventListener("click", async () => {
    for (const [number, phone] of phones) if (phone.waiting) await send(number, "1");
});
fetchMessages();
