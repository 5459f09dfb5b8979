// The documentation against the tree: links lead somewhere, and each test that the threat model names exists.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const tracked = (...patterns) => execFileSync("git", ["ls-files", ...patterns], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
const text = (path) => readFileSync(join(root, path), "utf8");

test("links between pages lead to files", () => {
    const broken = tracked("*.md").flatMap((page) =>
        [...text(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
            .map(([, link]) => link)
            .filter((link) => !/^[a-z]+:/.test(link) && !link.endsWith(".png"))
            .filter((link) => !existsSync(join(root, normalize(join(dirname(page), link)))))
            .map((link) => `${page}: ${link}`));
    assert.deepEqual(broken, []);
});

test("each test that the threat model names exists", () => {
    const model = text("docs/threat-model.md");
    const unit = tracked("*_test.c").map(text).join("\n");
    const files = [...model.matchAll(/`([\w./-]+_test\.c|[\w./-]+\.test\.(?:mjs|ts))`/g)].map(([, file]) => file);
    const cases = [...model.matchAll(/`(\w+__\w+)`/g)].map(([, name]) => name);
    assert.ok(files.length > 30 && cases.length > 30);
    assert.deepEqual(files.filter((file) => !existsSync(join(root, file))), []);
    assert.deepEqual(cases.filter((name) => !new RegExp(`\\b${name}\\b`).test(unit)), []);
    const wanting = [];
    for (const row of model.split("\n").filter((line) => line.startsWith("|"))) {
        const pieces = row.split("|").at(-2).split(/`([\w./-]+\.(?:mjs|ts|c))`/);
        for (let i = 1; i < pieces.length; i += 2) {
            if (!pieces[i].endsWith(".mjs")) continue;
            const source = text(pieces[i]);
            // "…" stands for what a row leaves out of a long name.
            const names = pieces[i + 1].replace(/\([^)]*\)/g, "").replace(/^: /, "").split(/; |…/).map((name) => name.replace(/^[\s,;]+|[\s,;]+$/g, ""));
            wanting.push(...names.filter((name) => name.length > 3 && !source.includes(name)).map((name) => `${pieces[i]}: ${name}`));
        }
    }
    assert.deepEqual(wanting, []);
});
