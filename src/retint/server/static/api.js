// Requests to the server, with retries and error messages. This is all that the page asks for: the page without a server
// has another module with the same exports in its place.

const TRIES = 6;
const NO_ANSWER = "The server does not respond. Is retint serve still running?";

export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  for (let tried = 1; ; tried++) {
    let answer;
    try {
      answer = await fetch(path, options);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refused(NO_ANSWER);
    }
    if (answer.ok) return answer;
    // A busy server states when to retry.
    const wait = Number(answer.headers.get("Retry-After"));
    if (!wait || tried === TRIES) throw new Refused(await reason(answer), answer.status);
    await new Promise((done) => setTimeout(done, 1000 * wait));
  }
}

async function reason(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return `The server returned status ${answer.status}.`;
  }
}

// An answer may break off, as any other does that does not come.
const wholeJson = (answer) =>
  answer.json().catch(() => {
    throw new Refused(NO_ANSWER);
  });

const asJson = (content, signal) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(content),
  signal,
});

// What can be asked for, and which options there are: the OpenAPI document.
export const capabilities = async () => (await fetch("openapi.json")).json();

export const open = async (file) =>
  (await ask("v1/sessions", { method: "POST", body: file })).json();

export const close = (id) => fetch(`v1/sessions/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});

export const original = async (id, size = "preview") =>
  (await ask(`v1/sessions/${id}/original?size=${size}`)).blob();

export const colorize = async (id, look, signal) =>
  (await ask(`v1/sessions/${id}/colorize`, asJson(look, signal))).blob();

export const pair = async (id, wish) => (await ask(`v1/sessions/${id}/pair`, asJson(wish))).blob();

export const looksOf = async (id, wish) => (await ask(`v1/sessions/${id}/looks`, asJson(wish))).json();

export const variant = async (id, wish) => (await ask(`v1/sessions/${id}/variant`, asJson(wish))).json();

// What each reference picture is followed by.
export const followed = async (id, wish) => (await ask(`v1/sessions/${id}/followed`, asJson(wish))).json();

// Colors that the server remembers, those that a picture gets, and its own to be remembered.
export const remembered = async () => (await ask("v1/remembered")).json();
export const forget = (id) => ask(`v1/remembered/${id}`, { method: "DELETE" });
export const rememberedIn = async (id, wish) => (await ask(`v1/sessions/${id}/remembered`, asJson(wish))).json();
export const remember = async (id, wish) => (await ask(`v1/sessions/${id}/remember`, asJson(wish))).json();

// The server's own reference pictures.
export const references = async () => (await ask("v1/references")).json();

export const confidence = async (id, look) =>
  (await ask(`v1/sessions/${id}/confidence`, asJson(look))).blob();

export const specks = async (id, look) => (await ask(`v1/sessions/${id}/specks`, asJson(look))).blob();

export const likely = async (id, x, y, signal) =>
  (await (await ask(`v1/sessions/${id}/colors?x=${x}&y=${y}`, { signal })).json()).colors;

export const thing = async (id, x, y) => (await (await ask(`v1/sessions/${id}/thing?x=${x}&y=${y}`)).json()).lines;

// The end of the name has the suffix.
export const openFilm = async (file, longestName) =>
  (await ask(`v1/films?name=${encodeURIComponent([...file.name].slice(-longestName).join(""))}`, { method: "POST", body: file })).json();

export const film = async (id) => wholeJson(await ask(`v1/films/${id}`));

export const frame = async (id, time) => (await ask(`v1/films/${id}/frame?time=${time}`)).blob();

export const stills = async (id, wish) => (await (await ask(`v1/films/${id}/stills`, asJson(wish))).json()).pictures;

export const colorizeFilm = async (id, wish) => wholeJson(await ask(`v1/films/${id}/colorize`, asJson(wish)));

export const stopFilm = (id) => ask(`v1/films/${id}/colorize`, { method: "DELETE" });

// Addresses of a film, as it was uploaded and in color.
export const filmSource = (id) => `v1/films/${id}/source`;
export const filmResult = (id, version = "") => `v1/films/${id}/file${version && `?version=${version}`}`;

export const methods = async () => (await ask("v1/methods")).json();

export const looks = async () => (await ask("v1/looks")).json();

export const colorNames = async () => (await ask("v1/color-names")).json();
