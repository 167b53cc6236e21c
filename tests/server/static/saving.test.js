import assert from "node:assert/strict";
import { before, test } from "node:test";

import { sizeText } from "../static/files.js";
import { limitsOf, titleOf } from "../static/saving.js";
import { loadOptions } from "./load.mjs";

before(loadOptions);

test("only larger pictures are reduced", () => {
  assert.deepEqual(limitsOf({ size: [800, 600] }, "640", ""), { longest: 640 });
  assert.deepEqual(limitsOf({ size: [640, 600] }, "640", ""), {});
  assert.deepEqual(limitsOf({ size: null }, "640", "75"), { quality: 75, longest: 640 });
  assert.deepEqual(limitsOf({ size: [800, 600] }, "", ""), {});
});

test("sizes have two digits", () => {
  assert.equal(sizeText(800), "0.8 kB");
  assert.equal(sizeText(12_345), "12 kB");
  assert.equal(sizeText(1_234_567), "1.2 MB");
  assert.equal(sizeText(123_456_789), "123 MB");
});

test("a title is the name without its suffix, not cut within a character", () => {
  assert.equal(titleOf("anna.otto.jpg"), "anna.otto");
  assert.equal([...titleOf("😀".repeat(600))].length, 500);
});
