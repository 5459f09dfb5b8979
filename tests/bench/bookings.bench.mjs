// Bookings per second through the API (requests of whole sessions, each durable before it is answered), against SQLite
// alone committing the same rows one session at a time.
import { join } from "node:path";
import { addLot, commonSpecialties, loginAs, SLOT_MS, temporaryProvince } from "../support/scenario.mjs";
import { run } from "../../deploy/demo/process.mjs";

const SESSIONS = 600;
const CONNECTIONS = 32;
const SLOTS_A_DAY = 40;

async function inParallel(items, width, work) {
    let next = 0;
    await Promise.all(Array.from({ length: width }, async () => {
        while (next < items.length) {
            const index = next++;
            await work(items[index], index);
        }
    }));
}

export async function bench(report) {
    const province = await temporaryProvince();
    try {
        await province.start({ only: ["gateway", "draw", "coordinator"] });
        const agency = await loginAs(province, "agency");
        const [first, second] = await commonSpecialties(agency);
        const lots = new Array(SESSIONS);
        await inParallel(lots, CONNECTIONS, async (_, index) => {
            lots[index] = await addLot(agency);
        });
        // Each has a half hour of its own, so that none is refused.
        const dayStart = Math.floor((Date.now() + 8 * 3_600_000) / 86_400_000 + 1) * 86_400_000 - 8 * 3_600_000;
        const slotOf = (index) => dayStart + Math.floor(index / SLOTS_A_DAY) * 86_400_000 + (index % SLOTS_A_DAY) * SLOT_MS;
        const bodies = lots.map((lot, index) => ({
            lot_id: lot.id,
            start_at: slotOf(index),
            end_at: slotOf(index) + SLOT_MS,
            main: { center_id: "lanzhou", room_ids: ["lanzhou-r1"], tenderer_representatives: 0, experts: [{ specialty: first, count: 2 }, { specialty: second, count: 1 }] },
            choice: "pick",
            secondary_count: 1,
            secondary: [{ center_id: "tianshui", seat_ids: ["tianshui-r1-s01", "tianshui-r1-s02"], experts: [{ specialty: first, count: 2 }] }],
        }));
        const start = process.hrtime.bigint();
        await inParallel(bodies, CONNECTIONS, (body) => agency.expect("POST", "/sessions", body));
        const seconds = Number(process.hrtime.bigint() - start) / 1e9;
        agency.close();
        await province.stop();
        const target = join(province.dir, "raw.db");
        const [sessions, rows, microseconds] = (await run(join(province.bin, "tests/bench/raw_commits"), [join(province.dir, "coordinator", "store.db"), target])).trim().split(" ").map(Number);
        const api = SESSIONS / seconds;
        const raw = sessions / (microseconds / 1e6);
        console.error(`${sessions} sessions, ${rows} rows; API ${api.toFixed(0)}/s over ${CONNECTIONS} connections; SQLite alone ${raw.toFixed(0)}/s`);
        report("bookings_api", api, "1/s", api / raw, "sqlite_commits");
        report("sqlite_commits", raw, "1/s", 1, "sqlite_commits");
    } finally {
        await province.remove();
    }
}
