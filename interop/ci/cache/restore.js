const fs = require("fs");
const path = require("path");
const { CACHE_STORE: store, INPUT_KEY: key, INPUT_PATH: to, GITHUB_OUTPUT, GITHUB_STATE } = process.env;

// The newest entry that begins with one of the other keys stands in.
const entries = fs.readdirSync(store).sort((a, b) => fs.statSync(path.join(store, b)).mtimeMs - fs.statSync(path.join(store, a)).mtimeMs);
const prefixes = (process.env["INPUT_RESTORE-KEYS"] || "").split("\n").filter(Boolean);
const found = entries.includes(key) ? key : entries.find((e) => prefixes.some((p) => e.startsWith(p)));
if (found) fs.cpSync(path.join(store, found), to, { recursive: true });
fs.appendFileSync(GITHUB_OUTPUT, `cache-hit=${found ? found === key : ""}\n`);
fs.appendFileSync(GITHUB_STATE, `found=${found || ""}\n`);
