import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace, timeText } from "../static/pace.js";

test("the time left follows from what was finished last", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const pace = new Pace();
  const work = (milliseconds, count) => {
    pace.begin();
    now += milliseconds;
    pace.end(count);
  };
  assert.equal(pace.text(5), "");
  work(1000);
  assert.equal(pace.text(5), "");
  work(3000);
  assert.equal(pace.left(5), 10_000);
  assert.equal(pace.text(5), ", about 10 s left");
  assert.equal(pace.text(0), "");
  for (let k = 0; k < 8; k++) work(400, 4);
  assert.equal(pace.left(10), 1000);
  work(400, 0);
  assert.equal(pace.left(10), 1000);
});

test("times are rounded up", () => {
  const cases = [[20, "1 s"], [9200, "10 s"], [11_000, "15 s"], [54_000, "55 s"], [56_000, "1 min"], [61_000, "2 min"], [3_600_000, "1 h"], [4_500_000, "1 h 15 min"]];
  for (const [milliseconds, text] of cases) assert.equal(timeText(milliseconds), text);
});
