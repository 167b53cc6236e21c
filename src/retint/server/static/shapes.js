// Hints: points, strokes, regions and rectangles, in shares of the picture; and their conversion
// to and from hints files.

import { hintFacts } from "./options.js";

// The lists of a hints file, each with the kind of its shapes: points, point.
const lists = () => Object.keys(hintFacts().reach).map((list) => [list, list.replace(/s$/, "")]);
const usualReach = (kind) => hintFacts().reach[`${kind}s`];

let count = 0;
export const withId = (shape) => ({ ...shape, id: `${Date.now().toString(36)}-${count++}` });

// A share of the width or height that lies inside the picture.
export const clampShare = (share) => Math.min(0.999, Math.max(0, share));

const round = (value) => Math.round(value * 100) / 100;

// null where there are none.
export function toContent(shapes, [width, height]) {
  if (!shapes.length) return null;
  const short = Math.min(width, height);
  const found = { version: hintFacts().version, size: [width, height] };
  for (const [list, kind] of lists()) {
    const those = shapes.filter((each) => each.kind === kind);
    if (those.length) found[list] = those.map((each) => entryOf(each, width, height, short));
  }
  return found;
}

function entryOf({ kind, x, y, w, h, points, color, radius, reach, thing, without }, width, height, short) {
  const inPixels = (places) => places.map(([px, py]) => [round(px * width), round(py * height)]);
  const place = points
    ? { points: inPixels(points) }
    : { x: round(x * width), y: round(y * height) };
  if (kind === "rectangle") Object.assign(place, { width: round(w * width), height: round(h * height) });
  if (radius) place.radius = round(radius * short);
  if (thing) place.thing = true;
  if (thing && without?.length) place.without = inPixels(without);
  if (!thing && reach !== undefined && reach !== usualReach(kind)) place.reach = reach;
  return { ...place, color };
}

export function fromContent(content) {
  if (content?.version !== hintFacts().version || !Array.isArray(content.size)) throw new Error("this is not a hints file");
  const [width, height] = content.size;
  const short = Math.min(width, height);
  const inShares = (places) => places.map(([x, y]) => [x / width, y / height]);
  return lists().flatMap(([list, kind]) =>
    (content[list] ?? []).map((each) =>
      withId({
        kind,
        color: each.color,
        reach: each.reach ?? usualReach(kind),
        ...(each.thing ? { thing: true } : {}),
        ...(each.without ? { without: inShares(each.without) } : {}),
        ...(each.points
          ? { points: inShares(each.points) }
          : { x: each.x / width, y: each.y / height }),
        ...(kind === "rectangle" ? { w: each.width / width, h: each.height / height } : {}),
        ...(each.radius ? { radius: each.radius / short } : {}),
      }),
    ),
  );
}

// Simplifies a line to fewer points (Ramer 1972).
export function simplify(points, tolerance) {
  if (points.length < 3) return points;
  const [[x1, y1], [x2, y2]] = [points[0], points.at(-1)];
  const length = Math.hypot(x2 - x1, y2 - y1);
  let [farthest, most] = [0, 0];
  for (let k = 1; k < points.length - 1; k++) {
    const [x, y] = points[k];
    const distance = length
      ? Math.abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
      : Math.hypot(x - x1, y - y1);
    if (distance > most) [farthest, most] = [k, distance];
  }
  if (most <= tolerance) return [points[0], points.at(-1)];
  return [
    ...simplify(points.slice(0, farthest + 1), tolerance).slice(0, -1),
    ...simplify(points.slice(farthest), tolerance),
  ];
}
