// Installs the service worker, loads the models ahead, and tells how far that is.

import { prepare, progress } from "../api.js";
import { $ } from "../dom.js";
import { complain, say } from "../notices.js";

const RELOADED = "reloaded";
const ACTIVE = "activated";
const SETTLED = [ACTIVE, "redundant"]; // states of a service worker that do not change any more
const TOLD_AFTER = 400; // milliseconds

let line = null;

progress.addEventListener("progress", ({ detail: { loaded, total } }) => {
  const text = `Loading the networks: ${(loaded / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB. They are kept for the next visit.`;
  line ??= say(text);
  if (loaded < total) for (const each of $("notices").querySelectorAll("span")) {
    if (each.textContent.startsWith("Loading the networks")) each.textContent = text;
  }
  if (loaded === total) setTimeout(line, TOLD_AFTER);
});

// With several threads the browser must isolate the page, which headers ask for. Static hosts do not send them, but the
// service worker does, from the second load on.
async function isolate({ installing, waiting, active }) {
  const worker = installing ?? waiting ?? active;
  while (!SETTLED.includes(worker.state)) await new Promise((done) => worker.addEventListener("statechange", done, { once: true }));
  if (worker.state !== ACTIVE || crossOriginIsolated || sessionStorage[RELOADED] || $("start").hidden) return;
  sessionStorage[RELOADED] = "yes";
  location.reload();
  await new Promise(() => {});
}

async function start() {
  if ("serviceWorker" in navigator) {
    const registration = await navigator.serviceWorker.register(new URL("../sw.js", import.meta.url));
    if (registration) await isolate(registration);
  }
}

await start().catch(() => {}); // such as in private windows: it works, but not offline
prepare().catch(complain);
