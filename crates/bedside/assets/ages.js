// The device's clock as this page knows it, and everything that grows with it.
//
// Every message from the device is an anchor: then it was this time there. A late message would
// make everything look younger than it is, so the anchor that gives the latest time wins.

const ANCHORS_MAX = 64;
const SKEW_MAX = 10000; // milliseconds of difference that are not worth a word
let anchors = [];
let speed = 1;
let zone = 0;
let civil = null; // civil time minus device time, in milliseconds
let zoneName = "";

/** Begins again, for the clock of another start of the device. */
export function begin(clock) {
  anchors = [];
  follow(clock);
}

/** Takes what a message says of the clocks. */
export function follow(clock) {
  speed = clock.speed;
  zone = clock.zone * 60000;
  zoneName = clock.zoneName ?? zoneName;
  civil = clock.civil === null ? null : clock.civil - clock.at;
  anchor(clock.at + (clock.quiet ?? 0) * speed);
}

/** It is now (at least) this time at the device. */
export function anchor(at) {
  anchors.push({ at, page: performance.now(), wall: Date.now() });
  if (anchors.length > ANCHORS_MAX) anchors.shift();
}

/** Milliseconds of true time since `then`; counts on while the computer sleeps. */
export function since(then) {
  return Math.max(performance.now() - then.page, Date.now() - then.wall, 0);
}

/** Now, for `since`. */
export function moment() {
  return { page: performance.now(), wall: Date.now() };
}

/** The device's monotonic clock. */
export function deviceNow() {
  return Math.max(...anchors.map((one) => one.at + since(one) * speed));
}

/** As people say it; the server says it the same way. */
export function words(millis) {
  const seconds = Math.floor(Math.max(0, millis) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${minutes} min`;
  if (seconds < 172800) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Civil minutes of the device's zone at a device time; null while civil time is unknown. */
export function civilMinutes(at) {
  return civil === null ? null : (at + civil + zone) / 60000;
}

/** hh:mm:ss in the device's zone. */
export function timeOfDay(at) {
  const minutes = civilMinutes(at);
  if (minutes === null) return "time of day unknown";
  const seconds = Math.floor(minutes * 60);
  const part = (value) => String(((value % 60) + 60) % 60).padStart(2, "0");
  const hour = (((Math.floor(seconds / 3600) % 24) + 24) % 24).toString().padStart(2, "0");
  return `${hour}:${part(Math.floor(seconds / 60))}:${part(seconds)}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Writes every age, countdown and staleness on the page anew. */
export function tick() {
  const now = deviceNow();
  for (const element of document.querySelectorAll(".age[data-at]")) {
    write(element, `${words(now - Number(element.dataset.at))} ago`);
  }
  for (const element of document.querySelectorAll(".until[data-at]")) {
    const left = Number(element.dataset.at) - now;
    write(element, left <= 0 ? "now" : `in ${words(left)}`);
  }
  for (const element of document.querySelectorAll("[data-taken]")) {
    const age = now - Number(element.dataset.taken);
    element.classList.toggle("stale", age > Number(element.dataset.staleAfter));
  }
  write(document.getElementById("clock"), `${timeOfDay(now)} ${civil === null ? "" : zoneName}${skew(now)}`.trim());
}

/** How far this screen's own clock is from the device's, where it matters. */
function skew(now) {
  if (civil === null || speed !== 1) return "";
  const apart = Date.now() - (now + civil);
  return Math.abs(apart) < SKEW_MAX ? "" : ` (this screen's clock differs by ${words(Math.abs(apart))})`;
}
