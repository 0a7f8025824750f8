// The page of a running device as pictures, desktop and phone.
// `node live.mjs ADDRESS FOLDER NAME [PATH]`, such as `node live.mjs http://127.0.0.1:47103 shots automatic`.

import { mkdirSync } from "node:fs";
import { browser } from "./demo.mjs";

const [address, folder, name, path = "/"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const chromium = await browser();
const looks = [
  ["desktop", { width: 1366, height: 900 }, "dark"],
  ["phone", { width: 390, height: 844 }, "light"],
];
for (const [look, viewport, colorScheme] of looks) {
  const context = await chromium.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  page.on("console", (said) => { if (said.type() === "error") console.log(look, said.text()); });
  await page.goto(address + path);
  await page.waitForTimeout(900);
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  if (wide > 0) console.log(`${look}: ${wide} pixels too wide`);
  await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: true });
}
await chromium.close();
