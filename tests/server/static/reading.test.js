import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { load } from "../static/options.js";
import { explain, isFilm, refusal, render } from "../static/reading.js";

const EVERYTHING = {
  "x-readable": [".jpg", ".heic"],
  "x-films": [".mp4"],
  "x-names": ["JPEG", "PNG", "TIFF", "HEIC"],
  "x-endings": { "image/jpeg": ".jpg", "image/png": ".png" },
  "x-lacking": [],
  "x-limits": { picture: 100e6, film: 2000e6 },
};
const WITHOUT = {
  ...EVERYTHING,
  "x-readable": [".jpg"],
  "x-films": [],
  "x-names": ["JPEG", "PNG", "TIFF"],
  "x-lacking": [
    { name: "HEIC", endings: [".heic"], install: "pip install 'retint[heif]'" },
    { name: "films", endings: [".mp4"], install: "pip install 'retint[film]'" },
  ],
};
let elements;

const given = async (schema, t) => {
  t.mock.method(globalThis, "fetch", async () => Response.json(schema));
  await load();
};
const file = (name, size = 9) => ({ name, size });

beforeEach(() => {
  elements = {};
  globalThis.document = { getElementById: (id) => (elements[id] ??= {}) };
});

test("a server that reads everything says so", async (t) => {
  await given(EVERYTHING, t);
  render();
  assert.equal(elements.reads.textContent, "Opens JPEG, PNG, TIFF and HEIC, and films; up to 100 MB, films up to 2,000 MB.");
  assert.deepEqual([elements["or-films"].hidden, elements.lacks.hidden], [false, true]);
  assert.equal(elements.files.accept, "image/*,.jpg,.heic,.mp4,.json");
  assert.equal(isFilm(file("A.MP4")), true);
  for (const name of ["a.jpg", "a.HEIC", "a.mp4", "a.json", "a"]) assert.equal(refusal(file(name)), "");
});

test("what it does not read is told before it is sent", async (t) => {
  await given(WITHOUT, t);
  render();
  assert.equal(elements.reads.textContent, "Opens JPEG, PNG and TIFF; up to 100 MB.");
  assert.equal(elements["or-films"].hidden, true);
  assert.match(elements.lacks.textContent, /^This server does not read HEIC or films\./);
  assert.equal(elements.files.accept, "image/jpeg,image/png,.jpg,.json");
  assert.equal(elements.reference.accept, "image/jpeg,image/png,.jpg");
  assert.match(refusal(file("IMG_1.HEIC")), /does not read HEIC.*retint\[heif\]/);
  assert.match(refusal(file("walk.mp4")), /does not read films.*retint\[film\]/);
  assert.equal(refusal(file("a.jpg")), "");
});

test("a file over the limit comes with what one can do", async (t) => {
  await given(EVERYTHING, t);
  assert.equal(refusal(file("a.jpg", 100e6)), "");
  assert.match(refusal(file("a.jpg", 100e6 + 1)), /101 MB.*up to 100 MB.*JPEG.*command retint.*--max-megabytes/);
  assert.equal(refusal(file("a.mp4", 2000e6)), "");
  assert.match(refusal(file("a.mp4", 3000e6)), /3,000 MB.*up to 2,000 MB.*--max-film-megabytes/);
  assert.match(explain({ message: "many pixels", status: 413 }), /many pixels.*fewer pixels/);
  assert.equal(explain({ message: "broken", status: 422 }), "broken");
});

test("a page without a server names the program that reads more", async (t) => {
  const reader = { name: "this page", instead: "use the installed program", raises: "" };
  await given({ ...WITHOUT, "x-lacking": [{ name: "films", endings: [".mp4"], install: "" }], "x-reader": reader }, t);
  render();
  assert.equal(elements.lacks.textContent, "This page does not read films. Use the installed program.");
  assert.equal(refusal(file("walk.mp4")), "this page does not read films; use the installed program");
  assert.match(refusal(file("a.jpg", 101e6)), /this page takes up to 100 MB.*command retint\.$/);
});
