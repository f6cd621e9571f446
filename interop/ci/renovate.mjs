// Does to a lock file what a branch of Renovate would: renovate.mjs RENOVATE DIRECTORY, with the update on stdin as Renovate
// found it. The new content of the file goes to stdout.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const [renovate, directory] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${renovate}/dist/${path}`));
const { GlobalConfig } = await load("config/global.js");
const { doAutoReplace } = await load("workers/repository/update/branch/auto-replace.js");

GlobalConfig.set({ localDir: directory });
const upgrade = JSON.parse(fs.readFileSync(0, "utf8"));
const content = fs.readFileSync(`${directory}/${upgrade.packageFile}`, "utf8");
const changed = await doAutoReplace(upgrade, content, false);
if (changed === null) process.exit(1);
fs.writeSync(1, changed);
