// Outlines of soft masks; see retint/picture/outline.py.

import { simplify } from "../shapes.js";
import { linear } from "./planes.js";

const HALF = 0.5; // share from which a place belongs to what is outlined
const FINER = 2; // how many times finer than the mask the outline is drawn
const LEAST = 0.0005; // smallest area with an outline, as a share of the picture's
const TOLERANCE = 0.75; // cells
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]]; // clockwise

// Closed lines around what a mask contains, and around the holes in it, in shares of the picture.
export function outlines(mask) {
  const fine = linear(mask, [FINER * mask.height, FINER * mask.width]);
  const { data, height, width } = fine;
  const isInside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] > HALF;
  const seen = new Set(); // cells whose upper side was walked along
  const found = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isInside(x, y) || isInside(x, y - 1) || seen.has(y * width + x)) continue;
      const line = walked([x, y], isInside, (cx, cy) => seen.add(cy * width + cx));
      if (Math.abs(areaOf(line)) > LEAST * width * height) found.push(line);
    }
  }
  return found.map((line) => simplify([...line, line[0]], TOLERANCE).slice(0, -1).map(([x, y]) => [x / width, y / height]));
}

// Corners of a line along the sides of cells, with the inside on its right; it begins at the upper left of a cell.
function walked(start, isInside, note) {
  const line = [];
  let [[x, y], heading] = [start, 0];
  do {
    line.push([x, y]);
    if (heading === 0) note(x, y);
    [x, y] = [x + STEPS[heading][0], y + STEPS[heading][1]];
    const [right, left] = ahead(x, y, heading).map((cell) => isInside(...cell));
    if (left && right) heading = (heading + 3) % 4;
    else if (!right) heading = (heading + 1) % 4;
  } while (x !== start[0] || y !== start[1] || heading !== 0);
  return line;
}

// The cells ahead of a corner, to the right and to the left of the heading.
function ahead(x, y, heading) {
  const cells = [[[x, y], [x, y - 1]], [[x - 1, y], [x, y]], [[x - 1, y - 1], [x - 1, y]], [[x, y - 1], [x - 1, y - 1]]];
  return cells[heading];
}

function areaOf(line) {
  return line.reduce((sum, [x, y], k) => {
    const [nx, ny] = line[(k + 1) % line.length];
    return sum + (x * ny - nx * y) / 2;
  }, 0);
}
