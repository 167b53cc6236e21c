// Installs the service worker, loads the models ahead, and tells how far that is.

import { prepare, progress } from "../api.js";
import { $ } from "../dom.js";
import { complain, say } from "../notices.js";

const RELOADED = "reloaded";
const ACTIVE = "activated";
const SETTLED = [ACTIVE, "redundant"]; // states of a service worker that do not change any more
const TOLD_AFTER = 400; // milliseconds that the last line stays

const LOADING = "Loading the networks";

let remove = () => {}; // the line that tells it
let said = 0; // MB

progress.addEventListener("progress", ({ detail: { loaded, total } }) => {
  if (loaded >= total) return void setTimeout(remove, TOLD_AFTER);
  const [done, all] = [loaded, total].map((bytes) => Math.round(bytes / 1e6));
  if (done === said) return;
  said = done;
  const text = `${LOADING}: ${done} of ${all} MB. They are kept for the next visit.`;
  const line = [...$("notices").querySelectorAll("span")].find((each) => each.textContent.startsWith(LOADING));
  if (line) line.textContent = text;
  else remove = say(text); // lines disappear after a while
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
