import assert from "node:assert/strict";
import { before, test } from "node:test";

import { resultName } from "../static/files.js";
import * as options from "../static/options.js";

const SCHEMA = {
  "x-endings": { "image/jpeg": ".jpg" },
  "x-mark": ".retint",
  components: {
    schemas: {
      SessionColoring: {
        properties: {
          vividness: { minimum: 0, maximum: 2, default: 1 },
          seed: { anyOf: [{ type: "null" }, { type: "integer", minimum: 0, maximum: 9 }] },
          radius: { exclusiveMinimum: 0, maximum: 1, default: 0.5 },
        },
      },
    },
  },
};

before(async () => {
  const asked = globalThis.fetch;
  globalThis.fetch = async () => Response.json(SCHEMA);
  await options.load();
  globalThis.fetch = asked;
});

test("a result is named after its photograph and its own type", () => {
  assert.equal(resultName("a.b.tif", "image/jpeg"), "a.b.retint.jpg");
  assert.equal(resultName("plain", "image/jpeg"), "plain.retint.jpg");
  assert.equal(resultName(".jpg", "image/jpeg"), "photo.retint.jpg");
  assert.equal(resultName("a.tif", "image/unknown"), "a.retint.png");
});

test("ranges are read where they are stated", () => {
  assert.deepEqual(options.range("vividness"), { least: 0, most: 2, fallback: 1 });
  assert.deepEqual(options.range("seed"), { least: 0, most: 9, fallback: 0 });
  assert.deepEqual(options.range("radius"), { least: 0, most: 1, fallback: 0.5 });
});
