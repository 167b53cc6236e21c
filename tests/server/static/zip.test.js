import assert from "node:assert/strict";
import { test } from "node:test";

import { uniqueNames } from "../static/zip.js";

test("names that are the same are told apart before their ending", () => {
  assert.deepEqual(
    uniqueNames(["a.jpg", "b.jpg", "a.jpg", "a.jpg", "a", "a"]),
    ["a.jpg", "b.jpg", "a-2.jpg", "a-3.jpg", "a", "a-2"],
  );
});

test("a name that was taken by another file's number is passed over", () => {
  const found = uniqueNames(["a-2.jpg", "a.jpg", "a.jpg", "a\nb.jpg", "a\nb.jpg"]);
  assert.equal(new Set(found).size, found.length);
  assert.equal(found[2], "a-3.jpg");
  assert.equal(found[4], "a\nb-2.jpg");
});
