import assert from "node:assert/strict";
import { test } from "node:test";

import { exclude, isExclusion, moveExclusion } from "../static/exclusions.js";

const RED = { id: "a-1", kind: "point", x: 0.2, y: 0.2, thing: true };
const BLUE = { id: "b-2", kind: "point", x: 0.8, y: 0.8, thing: true };
const STROKE = { id: "c-3", kind: "stroke", points: [[0.5, 0.5]] };

test("a place is taken away from the nearest thing", () => {
  const [red, blue, stroke] = exclude([RED, BLUE, STROKE], { x: 0.7, y: 0.6 });
  assert.deepEqual(blue.without, [[0.7, 0.6]]);
  assert.equal(red, RED);
  assert.equal(stroke, STROKE);
  const [, again] = exclude([red, blue], { x: 0.9, y: 0.9 });
  assert.deepEqual(again.without, [[0.7, 0.6], [0.9, 0.9]]);
});

test("nothing is taken away where there is no thing", () => {
  assert.equal(exclude([STROKE, { ...RED, thing: false }], { x: 0.5, y: 0.5 }), null);
});

test("a place that was taken away is moved, and given back", () => {
  const shapes = [RED, { ...BLUE, without: [[0.1, 0.1], [0.2, 0.2]] }];
  assert.ok(isExclusion("b-2/1"));
  assert.ok(!isExclusion("b-2"));
  assert.deepEqual(moveExclusion(shapes, "b-2/1", { x: 0.5, y: 0.6 })[1].without, [[0.1, 0.1], [0.5, 0.6]]);
  assert.deepEqual(moveExclusion(shapes, "b-2/0", null)[1].without, [[0.2, 0.2]]);
  assert.equal(moveExclusion(shapes, "b-2/0", null)[0], RED);
});
