// ./dev bench [NAME]: runs the benches and ends with lines `NAME value unit ratio reference`.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(folder).filter((file) => file.endsWith(".bench.mjs")).map((file) => file.replace(".bench.mjs", ""));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
    console.error(`dev bench: no ${unknown.join(", ")}; there are: ${names.join(", ")}`);
    process.exit(2);
}
const lines = [];
for (const name of wanted.length > 0 ? wanted : names) {
    console.error(`== bench ${name}`);
    const { bench } = await import(join(folder, `${name}.bench.mjs`));
    await bench((what, value, unit, ratio, reference) => lines.push(`${what} ${Number(value.toPrecision(4))} ${unit} ${Number(ratio.toPrecision(3))} ${reference}`));
}
for (const line of lines) console.log(line);
