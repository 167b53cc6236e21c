import assert from "node:assert/strict";
import { test } from "node:test";

import { help, load, offers, range } from "../static/options.js";

test("what is in no document is not offered, and has no help and no default", async (t) => {
  const properties = { vividness: { minimum: 0, maximum: 2, default: 1, description: "Factor." } };
  const document = { components: { schemas: { SessionColoring: { properties } } }, paths: { "/v1/looks": {} } };
  t.mock.method(globalThis, "fetch", async () => Response.json(document));
  await load();
  assert.deepEqual(["vividness", "repair", "/v1/looks", "/v1/films"].map(offers), [true, false, true, false]);
  assert.deepEqual([help("vividness"), help("repair")], ["Factor.", ""]);
  assert.equal(range("repair").fallback, 0);
});
