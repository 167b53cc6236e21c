// Everything that the page asks for, answered in the browser itself: the exports are those of the module that asks a
// server. A worker does the work.

export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

export const progress = new EventTarget(); // "progress" events while models are loaded: {loaded, total}

const NOT_IMPLEMENTED = 501;
const waiting = new Map(); // questions by number
let count = 0;
let worker = null;

function started() {
  if (worker) return worker;
  if (typeof WebAssembly !== "object") throw new Refused("This browser has no WebAssembly, or it is turned off; retint cannot work here.");
  worker = new Worker(new URL("local/worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => receive(data));
  worker.addEventListener("error", (event) => fail(event.message || "its program could not be loaded"));
  return worker;
}

function receive({ number, answer, error, loaded, total }) {
  if (total) return progress.dispatchEvent(new CustomEvent("progress", { detail: { loaded, total } }));
  const question = waiting.get(number);
  if (!question) return;
  waiting.delete(number);
  if (error) question.failed(new Refused(error.message, error.status));
  else question.done(answer);
}

// The worker is gone, with all open pictures; the next question starts another one.
function fail(reason) {
  worker?.terminate();
  worker = null;
  for (const { failed } of waiting.values()) failed(new Refused(`The worker of this page stopped: ${reason}.`));
  waiting.clear();
}

async function ask(name, values, signal) {
  signal?.throwIfAborted();
  const asked = started();
  const number = ++count;
  return new Promise((done, failed) => {
    waiting.set(number, { done, failed });
    signal?.addEventListener("abort", () => {
      if (!waiting.delete(number)) return;
      asked.postMessage({ number, name: "stop" });
      failed(signal.reason);
    });
    asked.postMessage({ number, name, values });
  });
}

const file = async (name) => {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Refused(`${name} could not be loaded; try again later.`, answer.status);
  return answer.json();
};
let known = null;
const stated = async (name) => (await (known ??= file("capabilities.json")))[name];

export const capabilities = () => stated("document");
export const methods = () => stated("methods");
export const looks = () => stated("looks");
export const colorNames = () => stated("colors");

export const prepare = () => ask("prepare", []);
export const open = (picture) => ask("open", [picture]);
export const close = (id) => ask("close", [id]).catch(() => {});
export const original = (id, size = "preview") => ask("original", [id, size]);
export const colorize = (id, wish, signal) => ask("colorize", [id, wish], signal);
export const looksOf = (id, wish) => ask("looksOf", [id, wish]);
export const confidence = (id, wish) => ask("confidence", [id, wish]);
export const likely = (id, x, y, signal) => ask("likely", [id, x, y], signal);
export const thing = (id, x, y) => ask("thing", [id, x, y]);

// What the document does not offer.
async function refuse() {
  throw new Refused("This page cannot do that; use the installed program.", NOT_IMPLEMENTED);
}
export const pair = refuse;
export const variant = refuse;
export const specks = refuse;
export const openFilm = refuse;
export const film = refuse;
export const frame = refuse;
export const stills = refuse;
export const colorizeFilm = refuse;
export const stopFilm = refuse;
export const followed = refuse;
export const references = refuse;
export const remembered = refuse;
export const remember = refuse;
export const rememberedIn = refuse;
export const forget = refuse;
export const filmSource = () => "";
export const filmResult = () => "";
