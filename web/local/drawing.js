// Draws the shapes of a hints file on planes of the working size; see retint/hints/canvas.py.

import { distances } from "./distance.js";
import { plane, rounded } from "./planes.js";

export const EVERYWHERE = 1; // the reach of hints that color everything similar
const ORDER = ["rectangles", "polygons", "strokes", "points"]; // later ones cover earlier ones
const OWN_REACH = { polygons: 0 };
const BLUR = 4; // pixels; farther ones of a Gaussian with a standard deviation of 1 are too small to count

// Shapes in shares of the picture, in the order in which they are drawn, with their chroma; chromaOf(color) is a promise.
export async function shapesOf(content, radius, chromaOf) {
  if (!content) return [];
  const [width, height] = content.size;
  const share = ([x, y]) => [x / width, y / height];
  const found = [];
  for (const kind of ORDER) {
    for (const each of content[kind] ?? []) {
      found.push({
        kind, color: each.color, chroma: await chromaOf(each.color),
        places: each.points ? each.points.map(share) : [share([each.x, each.y])],
        corner: kind === "rectangles" ? share([each.x + each.width, each.y + each.height]) : null,
        radius: each.radius === undefined ? radius : each.radius / Math.min(width, height),
        reach: each.reach ?? OWN_REACH[kind] ?? EVERYWHERE,
        thing: Boolean(each.thing), without: (each.without ?? []).map(share),
      });
    }
  }
  return found;
}

// Calls put(index) for the pixels of a shape; size: height and width of the whole picture.
export function draw(shape, size, [height, width], put) {
  const places = shape.places.map(([x, y]) => [x * width, y * height]);
  if (shape.kind === "rectangles") return rectangle(places[0], [shape.corner[0] * width, shape.corner[1] * height], height, width, put);
  const centres = places.map(([x, y]) => [x - 0.5, y - 0.5]);
  if (shape.kind === "polygons") return polygon(centres, height, width, put);
  const scale = Math.sqrt((height / size[0]) * (width / size[1]));
  const radius = shape.radius * Math.min(...size) * scale;
  centres.forEach((place, k) => {
    capsule(centres[Math.max(0, k - 1)], place, radius, height, width, put);
    put(clamp(rounded(place[1]), height - 1) * width + clamp(rounded(place[0]), width - 1)); // however small it is
  });
}

const clamp = (value, most) => Math.min(most, Math.max(0, value));

function span(start, stop, length) {
  const first = clamp(Math.ceil(start - 0.5), length - 1);
  return [first, Math.min(length, Math.max(first + 1, Math.ceil(stop - 0.5)))];
}

function rectangle([left, top], [right, bottom], height, width, put) {
  const [rows, columns] = [span(top, bottom, height), span(left, right, width)];
  for (let y = rows[0]; y < rows[1]; y++) for (let x = columns[0]; x < columns[1]; x++) put(y * width + x);
}

// Pixels within a radius of a line between two points.
function capsule([x1, y1], [x2, y2], radius, height, width, put) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const square = dx * dx + dy * dy;
  for (let y = Math.max(0, Math.ceil(Math.min(y1, y2) - radius)); y <= Math.min(height - 1, Math.max(y1, y2) + radius); y++) {
    for (let x = Math.max(0, Math.ceil(Math.min(x1, x2) - radius)); x <= Math.min(width - 1, Math.max(x1, x2) + radius); x++) {
      const t = square ? clamp(((x - x1) * dx + (y - y1) * dy) / square, 1) : 0;
      if (Math.hypot(x - x1 - t * dx, y - y1 - t * dy) <= radius) put(y * width + x);
    }
  }
}

// By the even-odd rule, with its outline; corners are whole pixels.
function polygon(places, height, width, put) {
  const corners = places.map((place) => place.map(rounded));
  const edges = corners.map((corner, k) => [corner, corners[(k + 1) % corners.length]]);
  for (let y = 0; y < height; y++) {
    const crossings = edges
      .filter(([[, y1], [, y2]]) => y1 <= y !== y2 <= y)
      .map(([[x1, y1], [x2, y2]]) => x1 + ((y - y1) / (y2 - y1)) * (x2 - x1))
      .sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      for (let x = Math.max(0, Math.ceil(crossings[k])); x <= Math.min(width - 1, crossings[k + 1]); x++) put(y * width + x);
    }
  }
  for (const [[x1, y1], [x2, y2]] of edges) {
    const steps = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1), 1);
    for (let k = 0; k <= steps; k++) {
      const [x, y] = [Math.round(x1 + ((x2 - x1) * k) / steps), Math.round(y1 + ((y2 - y1) * k) / steps)];
      if (x >= 0 && y >= 0 && x < width && y < height) put(y * width + x);
    }
  }
}

// Hints as the network takes them: planes of a*, b*, and 1 where there is one; chroma is reduced to what L* allows.
export function planesOf(shapes, size, lightness, lab) {
  const { height, width } = lightness;
  const whose = new Int32Array(height * width);
  shapes.forEach((shape, k) => draw(shape, size, [height, width], (at) => (whose[at] = k + 1)));
  const found = plane(height, width, 3);
  const count = height * width;
  whose.forEach((number, at) => {
    if (!number) return;
    const [a, b] = shapes[number - 1].chroma;
    const share = lab.shareInGamut(lightness.data[at], a, b);
    found.data[at] = share * a;
    found.data[count + at] = share * b;
    found.data[2 * count + at] = 1;
  });
  return found;
}

// The area of shapes with a limited reach, from 0 to 1; null if there are none.
export function boundsOf(shapes, size, lightness, alike) {
  const bounded = shapes.filter(({ reach }) => reach < EVERYWHERE);
  if (!bounded.length) return null;
  const { height, width } = lightness;
  const found = new Float32Array(height * width);
  for (const shape of bounded) {
    const mask = new Uint8Array(height * width);
    draw(shape, size, [height, width], (at) => (mask[at] = 1));
    const shown = shape.reach > 0 ? around(mask, lightness, (shape.reach * Math.min(height, width)) / 2, alike) : feathered(mask, height, width);
    shown.forEach((each, at) => (found[at] = Math.max(found[at], each)));
  }
  return found;
}

function around(mask, { data, height, width }, sigma, alike) {
  let [sum, count] = [0, 0];
  mask.forEach((inside, at) => {
    if (inside) [sum, count] = [sum + data[at], count + 1];
  });
  const level = sum / count;
  return distances(mask, height, width).map((distance, at) => {
    if (mask[at]) return 1;
    return Math.exp(-((distance / Math.max(sigma, 0.5)) ** 2 + ((data[at] - level) / alike) ** 2) / 2);
  });
}

function feathered(mask, height, width) {
  const weights = Array.from({ length: 2 * BLUR + 1 }, (_, k) => Math.exp(-((k - BLUR) ** 2) / 2));
  const total = weights.reduce((sum, each) => sum + each, 0);
  const blurred = (from, step, length, place) => from.map((_, at) => {
    let sum = 0;
    weights.forEach((weight, k) => {
      const here = place(at);
      const beyond = Math.abs(here + k - BLUR);
      const there = clamp(beyond < length ? beyond : 2 * length - 2 - beyond, length - 1); // mirrored at the edges
      sum += weight * from[at + (there - here) * step];
    });
    return sum / total;
  });
  const across = blurred(Float32Array.from(mask), 1, width, (at) => at % width);
  return blurred(across, width, height, (at) => Math.floor(at / width));
}
