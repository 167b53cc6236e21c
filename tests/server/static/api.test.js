import assert from "node:assert/strict";
import { test } from "node:test";

import * as api from "../static/api.js";

const busy = (after) => new Response("", { status: 503, headers: after ? { "Retry-After": after } : {} });

// Answers each question with the next of these.
function answering(t, ...answers) {
  t.mock.method(globalThis, "fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

test("a server that is busy is asked again when it says", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  answering(t, busy("2"), Response.json([{ name: "unet" }]));
  const found = api.methods();
  const settle = () => new Promise(setImmediate);
  await settle();
  t.mock.timers.tick(1999);
  await settle();
  assert.equal(fetch.mock.callCount(), 1);
  t.mock.timers.tick(1);
  assert.deepEqual(await found, [{ name: "unet" }]);
});

test("it is not asked for ever", async (t) => {
  t.mock.method(globalThis, "setTimeout", (call) => setImmediate(call));
  t.mock.method(globalThis, "fetch", async () => busy("1"));
  await assert.rejects(api.methods(), { status: 503 });
  assert.equal(fetch.mock.callCount(), 6);
});

test("a refusal has the server's reason and status", async (t) => {
  answering(t, Response.json({ detail: "too large" }, { status: 413 }), busy());
  await assert.rejects(api.open(new Blob()), { message: "too large", status: 413 });
  await assert.rejects(api.methods(), (error) => error instanceof api.Refused && error.status === 503);
});

test("a server that is away is a refusal; what was called off is not", async (t) => {
  answering(t, new TypeError("fetch failed"), new DOMException("", "AbortError"));
  await assert.rejects(api.methods(), (error) => error instanceof api.Refused && error.status === 0);
  await assert.rejects(api.methods(), { name: "AbortError" });
});

test("a film's name is escaped, and its end is kept", async (t) => {
  answering(t, Response.json({}));
  await api.openFilm(new File([], `${"x".repeat(300)} & y.mp4`), 200);
  const [url] = fetch.mock.calls[0].arguments;
  assert.ok(url.endsWith("%20%26%20y.mp4"));
  assert.ok(url.length < 250);
});
