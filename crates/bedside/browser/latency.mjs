// From the end of a cycle in a running device to the painted screen.
// `node latency.mjs HOMEOSTAT DIR SPEED CYCLES` starts the device of a folder; its parts run already.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { browser } from "./demo.mjs";

const [program, dir, speed, count] = process.argv.slice(2);
const device = spawn(program, ["device", "run", "--dir", dir, "--speed", speed, "--json"]);
const ended = new Map(); // when the status of a cycle was there, by the device's time after it
createInterface({ input: device.stdout }).on("line", (line) => {
  ended.set(JSON.parse(line).millis, Date.now());
});
const address = await new Promise((found) => {
  createInterface({ input: device.stderr }).on("line", (line) => {
    const said = line.match(/bedside page at (\S+)/);
    if (said) found(said[1]);
  });
});
const chromium = await browser();
const page = await chromium.newPage();
const painted = new Map(); // when the record of a cycle was on the screen, by the time of its beginning
await page.exposeFunction("told", (at, when) => painted.set(at, painted.get(at) ?? when));
await page.goto(address);
await page.evaluate(() => {
  let last = "";
  new MutationObserver(() => {
    const parts = [...document.querySelectorAll("#device li")];
    const record = parts.find((part) => part.textContent.includes("Record"));
    const at = record?.querySelector("[data-at]")?.dataset.at;
    if (!at || at === last) return;
    last = at;
    requestAnimationFrame(() => window.told(Number(at), Date.now()));
  }).observe(document.body, { subtree: true, childList: true });
});
while (ended.size < Number(count)) await new Promise((done) => setTimeout(done, 200));
const begun = (after) => Math.max(...[...painted.keys()].filter((at) => at <= after));
const taken = [...ended]
  .map(([after, when]) => [after - begun(after), painted.get(begun(after)) - when])
  .filter(([length]) => length < 4000)
  .map(([, millis]) => millis)
  .sort((a, b) => a - b);
const share = (part) => taken[Math.min(taken.length - 1, Math.floor(taken.length * part))];
console.log(
  `${taken.length} of ${ended.size} cycles: p50 ${share(0.5)} ms, p95 ${share(0.95)} ms, `
    + `longest ${taken.at(-1)} ms`,
);
await chromium.close();
device.kill("SIGTERM");
