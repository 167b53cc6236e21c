import assert from "node:assert/strict";
import { before, test } from "node:test";

import { fromContent, simplify, toContent, withId } from "../static/shapes.js";
import { loadOptions } from "./load.mjs";

before(loadOptions);

const SIZE = [200, 100];
const SHAPES = [
  { kind: "point", x: 0.25, y: 0.5, color: "#112233", radius: 0.04, reach: 1 },
  { kind: "stroke", points: [[0.1, 0.2], [0.3, 0.4]], color: "#445566", radius: 0.02, reach: 0.5 },
  { kind: "polygon", points: [[0, 0], [0.5, 0], [0.5, 0.5]], color: "#778899", reach: 0 },
  { kind: "rectangle", x: 0.1, y: 0.2, w: 0.3, h: 0.4, color: "#aabbcc", reach: 1 },
];
const withoutId = ({ id, ...rest }) => rest;

test("no shapes are no hints", () => assert.equal(toContent([], SIZE), null));

test("shapes are written in pixels, radii by the short side, and the usual reach is left out", () => {
  assert.deepEqual(toContent(SHAPES, SIZE), {
    version: 1,
    size: SIZE,
    points: [{ x: 50, y: 50, radius: 4, color: "#112233" }],
    strokes: [{ points: [[20, 20], [60, 40]], radius: 2, reach: 0.5, color: "#445566" }],
    polygons: [{ points: [[0, 0], [100, 0], [100, 50]], color: "#778899" }],
    rectangles: [{ x: 20, y: 20, width: 60, height: 40, color: "#aabbcc" }],
  });
});

test("a point of a thing says so, and no reach", () => {
  const shape = { kind: "point", x: 0.25, y: 0.5, color: "#112233", reach: 0.4, thing: true };
  const content = toContent([shape, { ...shape, thing: false }], SIZE);
  assert.deepEqual(content.points, [
    { x: 50, y: 50, thing: true, color: "#112233" },
    { x: 50, y: 50, reach: 0.4, color: "#112233" },
  ]);
  assert.deepEqual(fromContent(content).map(({ thing }) => thing), [true, undefined]);
});

test("what is not part of a thing is written and read", () => {
  const shape = { kind: "point", x: 0.25, y: 0.5, color: "#112233", thing: true, without: [[0.5, 0.1]] };
  const content = toContent([shape], SIZE);
  assert.deepEqual(content.points, [{ x: 50, y: 50, thing: true, without: [[100, 10]], color: "#112233" }]);
  assert.deepEqual(fromContent(content)[0].without, [[0.5, 0.1]]);
  assert.equal(toContent([{ ...shape, thing: false }], SIZE).points[0].without, undefined);
});

test("shapes are the same after they were written and read", () => {
  const found = fromContent(JSON.parse(JSON.stringify(toContent(SHAPES, SIZE))));
  assert.deepEqual(found.map(withoutId), SHAPES);
  assert.equal(new Set(found.map(({ id }) => id)).size, SHAPES.length);
});

test("other content is refused", () => {
  for (const wrong of [null, {}, { version: 9, size: SIZE }, { version: 1 }, [1]]) {
    assert.throws(() => fromContent(wrong), Error);
  }
});

test("two shapes never have the same id", () => {
  assert.notEqual(withId(SHAPES[0]).id, withId(SHAPES[0]).id);
  assert.deepEqual(withoutId(withId(SHAPES[0])), SHAPES[0]);
});

test("a line keeps its ends and its corners", () => {
  const line = Array.from({ length: 101 }, (_, k) => [k / 100, 0]);
  assert.deepEqual(simplify(line, 0.002), [[0, 0], [1, 0]]);
  const corner = [...line, ...line.slice(1).map(([x]) => [1, x])];
  assert.deepEqual(simplify(corner, 0.002), [[0, 0], [1, 0], [1, 1]]);
  assert.deepEqual(simplify([[0, 0], [0.5, 0.001], [1, 0]], 0.002), [[0, 0], [1, 0]]);
  assert.deepEqual(simplify([[0, 0], [0.5, 0.003], [1, 0]], 0.002), [[0, 0], [0.5, 0.003], [1, 0]]);
});

test("an outline that ends where it began does not become a point", () => {
  const square = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]];
  assert.deepEqual(simplify(square, 0.002), square);
});
