// Live updates: the sections that changed, and the dead-man timer that tells when nothing comes.

import { anchor, begin, follow, moment, since, tick, timeOfDay } from "./ages.js";

const BEAT = 1000; // the server beats every second
const DEAD = 2.5 * BEAT; // two missed beats
const CHANGED = 10000; // for how long a change of mode is marked

const body = document.body;
let boot = Number(body.dataset.boot);
let last = Number(body.dataset.event);
let heard = moment();
let reportWithin = Number(body.dataset.reportWithin);
let view = { at: Number(body.dataset.now) };
let quiet = Number(body.dataset.quiet);
let mode = document.getElementById("mode")?.dataset.mode;
let onChart = () => {};

/** Connects, and keeps the page young or says that it is not. `chart` is called for new curves. */
export function start(chart) {
  onChart = chart;
  const civil = body.dataset.civil === undefined ? null : Number(body.dataset.civil);
  begin({
    at: view.at, civil, quiet, zone: Number(body.dataset.zone), zoneName: body.dataset.zoneName,
    speed: Number(body.dataset.speed),
  });
  connect();
  setInterval(watch, 250);
  // A page that was hidden or put away must not show an old picture when it comes back.
  document.addEventListener("visibilitychange", watch);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  watch();
}

function connect() {
  const source = new EventSource(`/events?after=${last}`);
  source.addEventListener("view", (event) => {
    last = Number(event.lastEventId);
    update(JSON.parse(event.data));
  });
  source.addEventListener("beat", (event) => {
    heard = moment();
    quiet = Number(event.data);
    if (quiet < 2 * reportWithin) anchor(view.at + quiet * Number(body.dataset.speed));
    watch();
  });
  source.addEventListener("error", () => {
    // The browser tries again by itself, except after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, BEAT);
  });
}

function update(message) {
  if (message.boot !== boot) {
    location.reload();
    return;
  }
  // How old this is, and that the server lives, is for the beats to say: one follows what was missed.
  view = message;
  reportWithin = message.report_within;
  body.dataset.speed = message.speed;
  follow({ ...message, zoneName: message.zone_name });
  for (const [id, html] of Object.entries(message.sections)) swap(id, html);
  if (message.mode !== mode) changed(message);
  if (message.chart) onChart();
  watch();
}

/** Replaces a section and keeps focus and scrolling where they were. */
function swap(id, html) {
  const old = document.getElementById(id);
  if (!old) return;
  const alarms = id === "alarms" ? signalling() : null;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const href = focused?.getAttribute("href");
  const action = focused?.closest("form")?.getAttribute("action");
  const scrolled = old.querySelector(".scroll")?.scrollTop ?? 0;
  const template = document.createElement("template");
  template.innerHTML = html;
  old.replaceWith(template.content);
  const fresh = document.getElementById(id);
  if (fresh.querySelector(".scroll")) fresh.querySelector(".scroll").scrollTop = scrolled;
  if (href) fresh.querySelector(`[href="${CSS.escape(href)}"]`)?.focus();
  if (action) fresh.querySelector(`form[action="${CSS.escape(action)}"] button`)?.focus();
  if (alarms) announceAlarms(alarms);
}

function signalling() {
  const items = document.querySelectorAll("#alarms .signalling");
  return new Set([...items].map((item) => item.dataset.alarm));
}

function announceAlarms(before) {
  for (const item of document.querySelectorAll("#alarms .signalling")) {
    if (!before.has(item.dataset.alarm)) {
      say(`${item.querySelector("strong").textContent} alarm: ${item.querySelector(".message").textContent}`);
    }
  }
}

function changed(message) {
  mode = message.mode;
  const section = document.getElementById("mode");
  document.title = document.title.replace(/^[^\u00b7]*/, `${message.mode_name} `);
  section.classList.add("changed");
  setTimeout(() => section.classList.remove("changed"), CHANGED);
  say(`Mode: ${message.mode_name}`);
}

/** For who hears the page. */
function say(text) {
  document.getElementById("announce").textContent = text;
}

/** Ages everything, and tells whether what is shown is of now. */
function watch() {
  const dead = since(heard) > DEAD;
  const mute = quiet > 2 * reportWithin;
  const lost = dead || mute;
  if (lost) {
    const words = dead ? "Connection lost" : "The device does not answer";
    const element = document.getElementById("lost-words");
    if (element.textContent !== words || !body.classList.contains("lost")) element.textContent = words;
  }
  if (lost !== body.classList.contains("lost")) {
    body.classList.toggle("lost", lost);
    say(lost ? "Connection lost. Mode unknown." : "Connected again.");
  }
  for (const element of document.querySelectorAll(".lost-since")) {
    const text = lost ? timeOfDay(view.at) : "";
    if (element.textContent !== text) element.textContent = text;
  }
  tick();
}

