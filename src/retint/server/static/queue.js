// Films that are colored one after the other; they survive a reload of this page.

import * as api from "./api.js";
import { $, button, keepFocus, make } from "./dom.js";
import { download } from "./files.js";
import { complain, say } from "./notices.js";
import { resultMark } from "./options.js";
import { Pace } from "./pace.js";

const STORED = "films"; // key in the storage of this tab
const ASK_EVERY = 500; // milliseconds between requests about progress
const TRY_EVERY = 2000; // milliseconds between attempts while the server colors another film
const BUSY = 409;
const WAITS = { // states of an answer after which the queue asks again, and what it waits for
  0: "the server",
  429: "the server",
  503: "the server",
  [BUSY]: "another film on the server",
};

const pace = new Pace(); // of frames
export const changes = new EventTarget();
let queue = []; // {id, name, total, done, request, begun, removed, state}; the first is being colored
let running = false;

export const has = (id) => queue.some((entry) => entry.id === id);

// Continues what was in the queue before a reload.
export function restore() {
  queue = JSON.parse(sessionStorage[STORED] ?? "[]").map((entry) => ({ ...entry, done: 0, state: "" }));
  show();
  run();
}

// request: the body for the server, of a film with an id, a name and a number of frames.
export function add({ id, name, frames }, request) {
  if (has(id)) return;
  queue.push({ id, name, total: frames, done: 0, request, begun: false, state: "" });
  show();
  run();
}

async function run() {
  if (running) return;
  running = true;
  while (queue.length) {
    const [entry] = queue;
    try {
      await color(entry);
    } catch (error) {
      complain(error, entry.name);
    }
    remove(entry);
  }
  running = false;
}

async function color(entry) {
  let info = entry.begun ? await progress(entry) : await begin(entry);
  pace.begin();
  while (info?.job?.state === "working") {
    Object.assign(entry, { done: info.job.frames, total: info.job.total });
    show();
    await pause(ASK_EVERY);
    info = await progress(entry);
    pace.end((info?.job?.frames ?? entry.done) - entry.done);
  }
  if (info?.job) finish(entry, info.job);
}

const progress = (entry) => patiently(entry, () => api.film(entry.id));

// Starts as soon as the server colors no other film; null if the film was removed before.
async function begin(entry) {
  const info = await patiently(entry, () => start(entry));
  if (!info) return null;
  entry.begun = true;
  if (!entry.removed) return info;
  await api.stopFilm(entry.id);
  return api.film(entry.id);
}

// The server may have begun this film without the page hearing of it, as in a reload.
async function start({ id, request }) {
  try {
    return await api.colorizeFilm(id, request);
  } catch (error) {
    if (error.status !== BUSY) throw error;
    const info = await api.film(id);
    if (info.job?.state === "working") return info;
    throw error;
  }
}

// Asks until the server answers, as it may be busy or start again; null if the film was removed meanwhile.
async function patiently(entry, ask) {
  while (!entry.removed) {
    try {
      const info = await ask();
      entry.state = "";
      return info;
    } catch (error) {
      if (!(error.status in WAITS)) throw error;
      entry.state = `waiting for ${WAITS[error.status]}`;
      show();
      await pause(TRY_EVERY);
    }
  }
  return null;
}

function finish({ id, name }, { state, error, ending, lost }) {
  if (state === "failed") throw new Error(error);
  if (state === "stopped") return say(`${name} was stopped. Finished parts are kept for the next attempt.`);
  download(api.filmResult(id), name.replace(/\.[^.]*$/, `${resultMark()}${ending}`));
  say(`${name} was colored and saved.`);
  for (const each of lost) complain(new Error(each), name);
}

function remove(entry) {
  queue = queue.filter((each) => each !== entry);
  show();
}

function stop(entry) {
  if (entry.begun && !entry.state) return api.stopFilm(entry.id).catch((error) => complain(error, entry.name));
  entry.removed = true;
  if (entry.begun) api.stopFilm(entry.id).catch(() => {}); // the server is away
  if (entry !== queue[0]) remove(entry); // the first one may be about to begin
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// ---- the list

function show() {
  sessionStorage[STORED] = JSON.stringify(queue.map(({ id, name, total, request, begun }) => ({ id, name, total, request, begun })));
  keepFocus(() => {
    render();
    changes.dispatchEvent(new Event("change"));
  }, $("stage"));
}

// The items stay the same elements, so that a button is not replaced while it is pressed.
function render() {
  const known = new Map([...$("film-list").children].map((item) => [item.dataset.film, item]));
  const items = queue.map((entry) => known.get(entry.id) ?? buildItem(entry));
  if (items.length !== known.size || items.some((item, k) => item !== $("film-list").children[k])) $("film-list").replaceChildren(...items);
  $("film-queue").hidden = !queue.length;
  let before = 0; // frames
  queue.forEach((entry, k) => {
    before += entry.total - entry.done;
    update(items[k], entry, pace.text(before));
  });
}

function buildItem(entry) {
  const { id, name } = entry;
  return make(
    "li", { data: { film: id } },
    make("span", { className: "name", title: name }, name),
    make("progress", { ariaLabel: `Finished frames of ${name}` }),
    make("span", { className: "help" }),
    button("Stop", { on: { click: () => stop(queue.find((each) => each.id === id)) } }),
  );
}

function update(item, { name, done, total, begun, state }, left) {
  const [, progress, text, end] = item.children;
  progress.hidden = !begun;
  Object.assign(progress, { value: done, max: total });
  text.textContent = begun && !state ? `${done} of ${total} frames${left}` : `${state || "waiting"}${left}`;
  end.textContent = begun ? "Stop" : "Remove";
  end.ariaLabel = begun ? `Stop ${name}` : `Remove ${name}`;
}
