// Starts the demonstration server and the browser; both are ended by who started them.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export const MODES = Array.from({ length: 12 }, (_, number) => `M${number}`);
export const TITLES = {
  insulin: "Automated insulin delivery",
  propofol: "Closed-loop propofol anaesthesia",
};

/** The demonstration server as a child process. */
export class Demo {
  lines = [];
  heard = []; // when each line came
  contexts = []; // of the browser, that look at it
  #child;

  static async start(program, address = "127.0.0.1:0") {
    const demo = new Demo();
    demo.#child = spawn(program, [address], { stdio: ["pipe", "pipe", "inherit"] });
    const reader = createInterface({ input: demo.#child.stdout });
    demo.address = await new Promise((found, failed) => {
      demo.#child.once("error", failed);
      demo.#child.once("exit", (code) => failed(new Error(`${program} ended with ${code}`)));
      reader.on("line", (line) => {
        demo.lines.push(line);
        demo.heard.push(Date.now());
        if (line.startsWith("serving ")) found(line.slice("serving ".length));
      });
    });
    return demo;
  }

  say(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends it as a crash would: at once, with nothing said. */
  async kill() {
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.#child.kill("SIGKILL");
    await ended;
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.say("quit");
    await ended;
  }
}

/** Debian's browser, talking to nobody but the page. */
export async function browser() {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (!executablePath) throw new Error("chromium is not installed");
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
      "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    ],
  });
}

/** Waits until the page shows a mode of a therapy; another therapy needs a new page. */
export async function settled(page, therapy, mode) {
  const title = TITLES[therapy];
  await page.waitForFunction(
    ([mode]) => document.getElementById("mode")?.dataset.mode === mode, [mode], { timeout: 10000 },
  );
  if ((await page.locator("h1").textContent()) !== title) await page.reload();
  await page.waitForFunction(
    ([mode, title]) => document.getElementById("mode")?.dataset.mode === mode
      && document.querySelector("h1").textContent === title
      && document.querySelector("#plot canvas") !== null
      && document.querySelector("#mode .age").textContent !== "",
    [mode, title], { timeout: 10000 },
  );
}
