// Acting without leaving the page. Every link and form here works without this script too.

const PATIENCE = 8000; // longer than the server waits for the device
const panel = document.getElementById("panel");
let opener = null;

export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-panel], a[data-close]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.hasAttribute("data-close")) return close();
    if (!panel.contains(link)) opener = link;
    open(link.href, {});
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const ours = panel.contains(form) || form.matches("[data-stop], [data-act]");
    if (!ours) return;
    event.preventDefault();
    send(form);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
}

async function send(form) {
  const button = form.querySelector("button");
  const stop = form.hasAttribute("data-stop");
  // Stop may be pressed again while the first answer is still out.
  if (button.ariaBusy === "true" && !stop) return;
  button.ariaBusy = "true";
  if (!panel.contains(form)) opener = button;
  try {
    await open(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }, stop);
  } finally {
    button.ariaBusy = "false";
  }
}

async function open(address, request, stop) {
  let html;
  try {
    const headers = { "X-Panel": "1" };
    const signal = AbortSignal.timeout(PATIENCE);
    const response = await fetch(address, { ...request, headers, signal });
    html = await response.text();
  } catch {
    html = stop
      ? '<h2 id="panel-title" tabindex="-1">Stop was not confirmed</h2>' +
        '<p class="refused">The device cannot be reached from this screen. Stop the delivery at the ' +
        "actuator itself and look at the patient.</p>"
      : '<h2 id="panel-title" tabindex="-1">Not reached</h2>' +
        '<p class="refused">The device cannot be reached from this screen. It is not known whether it ' +
        "was done. Look at the device itself.</p>";
    html += '<a class="button" href="/" data-close>Close</a>';
  }
  panel.innerHTML = html;
  panel.hidden = false;
  signedIn(panel.querySelector("[data-role]")?.dataset.role);
  const field = panel.querySelector("input:not([type=hidden])");
  (field ?? panel.querySelector("#panel-title"))?.focus();
}

/** Shows who is signed in now, as the whole page would. */
async function signedIn(role) {
  const shown = document.querySelector(".who");
  if (role === undefined || shown.dataset.role === role) return;
  const text = await (await fetch("/")).text();
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".who");
  if (fresh) shown.replaceWith(document.importNode(fresh, true));
}

function close() {
  panel.hidden = true;
  panel.replaceChildren();
  if (location.pathname !== "/") history.replaceState(null, "", "/");
  if (opener?.isConnected) opener.focus();
}
