// What the page asks of the server, and what it makes of a refusal.

const TRIES = 6;

export class Refused extends Error {}

async function ask(path, options = {}) {
  for (let tried = 1; ; tried++) {
    let answer;
    try {
      answer = await fetch(path, options);
    } catch {
      throw new Refused("The server does not answer. Is retint serve still running?");
    }
    if (answer.ok) return answer;
    // It has too much to do just now, and says when to come back.
    const wait = Number(answer.headers.get("Retry-After"));
    if (!wait || tried === TRIES) throw new Refused(await reason(answer));
    await new Promise((done) => setTimeout(done, 1000 * wait));
  }
}

async function reason(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}

const asJson = (content) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(content),
});

export const open = async (file) =>
  (await ask("/v1/sessions", { method: "POST", body: file })).json();

export const close = (id) => fetch(`/v1/sessions/${id}`, { method: "DELETE", keepalive: true });

export const original = async (id, size = "preview") =>
  (await ask(`/v1/sessions/${id}/original?size=${size}`)).blob();

export const colorize = async (id, look) =>
  (await ask(`/v1/sessions/${id}/colorize`, asJson(look))).blob();

export const confidence = async (id, look) =>
  (await ask(`/v1/sessions/${id}/confidence`, asJson(look))).blob();

export const likely = async (id, x, y) =>
  (await (await ask(`/v1/sessions/${id}/colors?x=${x}&y=${y}`)).json()).colors;

export const methods = async () => (await ask("/v1/methods")).json();
