import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { addReferences, readHints, saveHints } from "../static/exchange.js";
import { loadOptions } from "./load.mjs";

before(loadOptions);

const SHAPE = { kind: "point", x: 0.5, y: 0.5, color: "#112233" };
const HINTS = { version: 1, size: [200, 100], points: [{ x: 100, y: 50, color: "#112233" }] };

// As much of a document as notices and downloads need.
class Element {
  children = [];
  dataset = {};
  style = {};
  addEventListener() {}
  append(...children) { this.children.push(...children); }
  remove() {}
  click() { clicked.push(this); }
  get textContent() { return this.children.map((each) => each.textContent ?? each).join(""); }
}

let clicked, regions, changes, picture;

beforeEach((t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  [clicked, regions, changes] = [[], { errors: new Element(), notices: new Element() }, []];
  globalThis.document = { getElementById: (id) => regions[id], createElement: () => new Element() };
  picture = { name: "a.b.jpg", size: [200, 100], state: { shapes: [SHAPE] }, references: new Map(), referenceIds: {}, change: (part) => changes.push(part) };
});

const complaints = () => regions.errors.children.map((each) => each.textContent);
const hints = (text) => new File([text], "mine.json");

const unasked = () => assert.fail("nobody needs to be asked");

test("hints of a file become the picture's shapes", async () => {
  picture.state.shapes = [];
  await readHints(hints(JSON.stringify(HINTS)), picture, unasked);
  const [{ shapes: [{ id, ...shape }] }] = changes;
  assert.ok(id);
  assert.deepEqual(shape, { ...SHAPE, reach: 1 });
  assert.deepEqual(complaints(), []);
});

test("hints of a file replace others only if somebody agrees", async () => {
  const asked = [];
  const answer = (agrees) => async (text) => (asked.push(text), agrees);
  await readHints(hints(JSON.stringify(HINTS)), picture, answer(false));
  assert.deepEqual(changes, []);
  await readHints(hints(JSON.stringify(HINTS)), picture, answer(true));
  assert.equal(changes.length, 1);
  assert.equal(asked[0], "a.b.jpg has 1 color hint. Replace with 1 color hint from mine.json?");
});

test("what is no file of hints is named and changes nothing", async () => {
  for (const text of ["{", '{"version": 9}', "null"]) await readHints(hints(text), picture, unasked);
  await readHints(hints(JSON.stringify(HINTS)), null, unasked);
  assert.deepEqual(changes, []);
  assert.equal(complaints().length, 4);
  for (const each of complaints()) assert.match(each, /^mine\.json: ./);
});

test("hints are saved as they are read", async (t) => {
  const blobs = [];
  t.mock.method(URL, "createObjectURL", (blob) => (blobs.push(blob), "blob:x"));
  saveHints(picture);
  assert.deepEqual(clicked.map(({ download }) => download), ["a.b.hints.json"]);
  assert.deepEqual(JSON.parse(await blobs[0].text()), HINTS);
});

test("pictures in colour become references, a grey one does not", async (t) => {
  let coloured = true;
  t.mock.method(globalThis, "fetch", async () => Response.json({ id: "s9", coloured }));
  const file = new File(["x"], "b.jpg");
  await addReferences([file, file], picture);
  const [{ references: [key, other] }] = changes;
  assert.equal(picture.references.get(key), file);
  assert.equal(await picture.referenceIds[key], "s9");
  picture.state.references = [key, other];
  await addReferences([file], picture);
  assert.deepEqual(changes[1].references.slice(0, 2), [key, other]);
  assert.equal(changes[1].references.length, 3);
  changes.pop();
  coloured = false;
  await addReferences([file], picture);
  assert.equal(changes.length, 1);
  assert.equal(complaints().length, 1);
});

test("a reference that is not read is named", async (t) => {
  const detail = "not a readable picture";
  t.mock.method(globalThis, "fetch", async () => Response.json({ detail }, { status: 422 }));
  await addReferences([new File(["x"], "letter.png")], picture);
  assert.match(complaints()[0], /^letter\.png: not a readable picture/);
  assert.deepEqual(changes, []);
});
