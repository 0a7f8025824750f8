// The page as pictures: every mode of both therapies, dark and light, desktop and phone.
// `node shots.mjs DEMO FOLDER` with the path of the built `bedside-demo`.

import { mkdirSync } from "node:fs";
import { browser, Demo, MODES, settled } from "./demo.mjs";

const [program, folder = "shots", only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const demo = await Demo.start(program);
const chromium = await browser();
const sizes = { desktop: { width: 1366, height: 900 }, phone: { width: 390, height: 844 } };
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ["dark", "light"]) {
    const context = await chromium.newContext({ viewport, colorScheme, deviceScaleFactor: 1 });
    const page = await context.newPage();
    await page.goto(demo.address);
    for (const therapy of ["insulin", "propofol"]) {
      for (const mode of MODES) {
        const name = `${therapy}-${mode.toLowerCase()}-${size}-${colorScheme}`;
        if (only && !name.includes(only)) continue;
        demo.say(`show ${therapy} ${mode}`);
        await settled(page, therapy, mode);
        await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
      }
    }
    await context.close();
  }
}
await chromium.close();
await demo.end();
