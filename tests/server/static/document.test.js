import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { Picture, setMethods } from "../static/document.js";
import { loadOptions } from "./load.mjs";

const STATE = { method: "unet", look: "natural", warmth: 0, vividness: 1, saturation: 1, repair: 0, fading: 0, seed: 3, shapes: [] };
const DOT = { kind: "point", x: 0.5, y: 0.5, color: "#112233" };
const STROKE = { kind: "stroke", points: [[0.1, 0.1], [0.5, 0.2]], radius: 0.02, color: "#ffffff" };
const makePicture = (kept) => new Picture(new File(["x"], "a.jpg"), STATE, kept);

let clock = 0;
let asked = []; // [method, path, body]
let answer; // of (method, path)

before(loadOptions);

beforeEach((t) => {
  [clock, asked] = [0, []];
  answer = () => Response.json({ id: "s1", width: 200, height: 100 });
  t.mock.method(performance, "now", () => clock);
  t.mock.method(globalThis, "fetch", async (path, { method = "GET", body } = {}) => {
    asked.push([method, path, typeof body === "string" ? JSON.parse(body) : body]);
    return answer(method, path);
  });
  setMethods([{ name: "unet", hints: false, options: [] }, { name: "guided", hints: true, options: ["seed"] }]);
});

test("steps are taken back and forth, and a new one ends what was ahead", () => {
  const picture = makePicture();
  let told = 0;
  picture.addEventListener("change", () => told++);
  assert.deepEqual([picture.canUndo, picture.canRedo], [false, false]);
  picture.change({ vividness: 1.2 });
  picture.change({ method: "guided" });
  picture.undo();
  assert.deepEqual([picture.state.vividness, picture.state.method], [1.2, "unet"]);
  picture.redo();
  assert.equal(picture.state.method, "guided");
  picture.undo();
  picture.undo();
  assert.deepEqual(picture.state, STATE);
  picture.undo();
  picture.change({ vividness: 0.5 });
  assert.equal(picture.canRedo, false);
  picture.redo();
  assert.equal(picture.state.vividness, 0.5);
  assert.equal(told, 7);
});

test("changes of one kind that follow soon are one step", () => {
  const picture = makePicture();
  for (const vividness of [1.1, 1.2, 1.3]) {
    picture.change({ vividness }, "vividness");
    clock += 1000;
  }
  picture.undo();
  assert.deepEqual(picture.state, STATE);
});

test("changes of another kind, after a pause, or after undo are steps of their own", () => {
  const picture = makePicture();
  picture.change({ vividness: 1.1 }, "vividness");
  picture.change({ saturation: 1.1 }, "saturation");
  picture.change({ saturation: 1.2 }, "saturation");
  clock += 1500;
  picture.change({ saturation: 1.3 }, "saturation");
  picture.undo();
  assert.deepEqual([picture.state.vividness, picture.state.saturation], [1.1, 1.2]);
  picture.change({ saturation: 1.4 }, "saturation");
  picture.undo();
  assert.equal(picture.state.saturation, 1.2);
  picture.undo();
  assert.deepEqual([picture.state.vividness, picture.state.saturation], [1.1, 1]);
});

test("only so many steps are kept", () => {
  const picture = makePicture();
  for (let k = 1; k <= 300; k++) picture.change({ seed: k });
  let steps = 0;
  for (; picture.canUndo; steps++) picture.undo();
  assert.equal(steps, 199);
  assert.equal(picture.state.seed, 101);
});

test("what was written down is the same picture", () => {
  const picture = makePicture();
  picture.change({ vividness: 1.5 });
  picture.change({ vividness: 2 });
  picture.undo();
  const { file, ...kept } = structuredClone({ ...picture.record, file: null });
  const again = new Picture(picture.file, null, kept);
  assert.deepEqual({ ...again.record }, { ...picture.record });
  again.redo();
  assert.equal(again.state.vividness, 2);
});

test("a picture that the server has forgotten is sent again, once", async () => {
  const picture = makePicture();
  let found = 0;
  const forgotten = Object.assign(new Error("gone"), { status: 404 });
  const first = async () => (found++ ? "here" : Promise.reject(forgotten));
  assert.equal(await picture.ask(first), "here");
  const sent = () => asked.filter(([, path]) => path === "v1/sessions").length;
  assert.equal(sent(), 2);
  assert.deepEqual(picture.size, [200, 100]);
  await assert.rejects(picture.ask(async () => Promise.reject(forgotten)), { status: 404 });
  assert.equal(sent(), 3);
  await assert.rejects(picture.ask(async () => Promise.reject(new Error("broken"))), /broken/);
  assert.equal(sent(), 3);
});

test("an upload that failed is tried anew", async () => {
  const picture = makePicture();
  answer = () => Response.json({ detail: "full" }, { status: 413 });
  await assert.rejects(picture.ask((id) => id), { status: 413 });
  answer = () => Response.json({ id: "s2", width: 2, height: 1 });
  assert.equal(await picture.ask((id) => id), "s2");
});

test("a method is asked for what it takes", async () => {
  const picture = makePicture({ size: [200, 100] });
  assert.deepEqual(await picture.wish({ ...STATE, shapes: [DOT] }), {
    method: "unet", look: "natural", warmth: 0, vividness: 1, saturation: 1, repair: 0, fading: 0,
  });
  const wish = await picture.wish({ ...STATE, method: "guided", shapes: [DOT] }, { patient: true });
  assert.equal(wish.seed, 3);
  assert.equal(wish.patient, true);
  assert.deepEqual(wish.hints.points, [{ x: 100, y: 50, color: "#112233" }]);
});

test("what is marked for repair is sent while repair is on", async () => {
  const picture = makePicture({ size: [200, 100] });
  const marked = { ...STATE, repair: 1, damaged: [STROKE], left: [STROKE] };
  const wish = await picture.wish(marked);
  assert.deepEqual([wish.damaged, wish.left].map(({ strokes }) => strokes.length), [1, 1]);
  assert.deepEqual(Object.keys(await picture.wish({ ...marked, repair: 0 })).filter((name) => ["damaged", "left"].includes(name)), []);
});

test("a still of a film keeps its lightness", async () => {
  const still = makePicture({ size: [200, 100], film: { id: "f" } });
  assert.deepEqual(Object.keys(await still.wish({ ...STATE, method: "guided" })).sort(), ["hints", "look", "method", "seed", "upright", "vividness", "warmth"]);
});

test("a picture is turned for the network by request only, and a still never by itself", async () => {
  const picture = makePicture();
  assert.equal((await picture.wish(STATE)).upright, undefined);
  assert.equal((await picture.wish({ ...STATE, upright: "90" })).upright, "90");
  const still = makePicture({ size: [200, 100], film: { id: "f" } });
  assert.equal((await still.wish({ ...STATE, upright: "90" })).upright, "off");
});

test("a reference is sent once", async () => {
  const picture = makePicture({ size: [200, 100], references: [["key", new File(["y"], "b.jpg")]] });
  const state = { ...STATE, method: "guided", references: ["key"] };
  assert.deepEqual((await picture.wish(state)).reference, ["s1"]);
  await picture.wish({ ...state, references: undefined, reference: "key" }); // as older pages have stored it
  assert.equal(asked.length, 1);
});

test("only the latest of several wishes is shown", async () => {
  const picture = makePicture();
  const shown = [];
  picture.addEventListener("shown", () => shown.push(picture.urls.after));
  answer = (method, path) => (path === "v1/sessions" ? Response.json({ id: "s1", width: 2, height: 1 }) : new Response("pixels"));
  await Promise.all([picture.show(), picture.show({ ...STATE, vividness: 2 })]);
  assert.equal(shown.length, 1);
  const colored = asked.filter(([, path]) => path.endsWith("/colorize"));
  assert.deepEqual(colored.map(([, , body]) => body.vividness), [2]);
  assert.equal(picture.done, true);
});

test("what fails is told and can be tried again", async () => {
  const picture = makePicture();
  const told = [];
  for (const what of ["failed", "shown"]) picture.addEventListener(what, () => told.push(what));
  answer = () => Response.json({ detail: "no photograph" }, { status: 422 });
  await picture.show();
  assert.equal(picture.error, "no photograph");
  answer = (method, path) => (path === "v1/sessions" ? Response.json({ id: "s1", width: 2, height: 1 }) : new Response("pixels"));
  await picture.show();
  assert.equal(picture.error, "");
  assert.deepEqual(told, ["failed", "shown"]);
});

test("a reference that cannot be sent is named, and is tried again", async () => {
  const reference = new File(["y"], "aunt.jpg");
  const picture = new Picture(new File(["x"], "a.jpg"), { ...STATE, method: "guided", references: ["k"] }, { references: [["k", reference]], size: [9, 9] });
  let works = false;
  answer = () => (works ? Response.json({ id: "r1" }) : Response.json({ detail: "not a readable picture" }, { status: 422 }));
  await assert.rejects(picture.wish(picture.state), /^Error: reference aunt\.jpg: not a readable picture$/);
  works = true;
  assert.deepEqual((await picture.wish(picture.state)).reference, ["r1"]);
});
