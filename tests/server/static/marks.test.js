import assert from "node:assert/strict";
import { test } from "node:test";

import { debounce } from "../static/dom.js";
import { anchor, labelOf, moveTo } from "../static/marks.js";
import { clampPlace } from "../static/tools.js";

const STROKE = { kind: "stroke", points: [[0.1, 0.1], [0.5, 0.2], [0.9, 0.1]] };
const RECTANGLE = { kind: "rectangle", x: 0.2, y: 0.2, w: 0.4, h: 0.2 };

test("a shape's dot is in its middle", () => {
  assert.deepEqual(anchor({ x: 0.3, y: 0.4 }), { x: 0.3, y: 0.4 });
  assert.deepEqual(anchor(RECTANGLE), { x: 0.4, y: 0.30000000000000004 });
  assert.deepEqual(anchor(STROKE), { x: 0.5, y: 0.2 });
});

test("a shape goes where its dot goes, and stays on the picture", () => {
  const place = { x: 0.6, y: 0.7 };
  const close = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found}, not ${wanted}`);
  for (const shape of [STROKE, RECTANGLE]) {
    const found = anchor(moveTo(shape, place));
    close(found.x, place.x);
    close(found.y, place.y);
  }
  const { points } = moveTo(STROKE, { x: 2, y: -2 });
  assert.ok(points.flat().every((each) => each >= 0 && each < 1));
  assert.deepEqual(STROKE.points[0], [0.1, 0.1]);
});

test("a mark is called by its kind, its number and its colour", () => {
  assert.ok(labelOf({ kind: "point", color: "#2f3e63" }, 0).endsWith("1, navy"));
  assert.ok(labelOf({ kind: "point", color: "#123456" }, 1).endsWith("2, #123456"));
});

test("a place outside is put on the edge", () => {
  assert.deepEqual(clampPlace({ x: -1, y: 0.5 }), { x: 0, y: 0.5 });
  const { x, y } = clampPlace({ x: 1, y: 7 });
  assert.ok(x < 1 && y < 1 && x > 0.99 && y > 0.99);
});

test("of many calls in a row the last is made, once they have stopped", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const made = [];
  const call = debounce((value) => made.push(value), 100);
  call(1);
  t.mock.timers.tick(99);
  call(2);
  t.mock.timers.tick(99);
  assert.deepEqual(made, []);
  t.mock.timers.tick(1);
  assert.deepEqual(made, [2]);
});
