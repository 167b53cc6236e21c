// Places that are taken away from the thing of a dot.

import { button } from "./dom.js";

const MARK = "/"; // between the id of a dot and the number of a place

// The shapes, with a place taken away from the thing of the nearest dot; null if no dot has a thing.
export function exclude(shapes, { x, y }) {
  const distance = (each) => Math.hypot(each.x - x, each.y - y);
  const [nearest] = shapes.filter(({ thing }) => thing).sort((one, other) => distance(one) - distance(other));
  if (!nearest) return null;
  const without = [...(nearest.without ?? []), [x, y]];
  return shapes.map((each) => (each === nearest ? { ...each, without } : each));
}

export const isExclusion = (id) => id.includes(MARK);

// The shapes, with a place moved there, or given back if that is null.
export function moveExclusion(shapes, id, place) {
  const [owner, number] = id.split(MARK);
  const replace = (places) => places.toSpliced(Number(number), 1, ...(place ? [[place.x, place.y]] : []));
  return shapes.map((each) => (each.id === owner ? { ...each, without: replace(each.without) } : each));
}

// Marks of the places; onPick(id) is for the keyboard, tools.js handles the pointer.
export const exclusionMarks = (shapes, onPick) =>
  shapes
    .filter(({ thing }) => thing)
    .flatMap(({ id, without = [] }) =>
      without.map(([x, y], number) =>
        button("", {
          className: "dot exclusion",
          data: { id: `${id}${MARK}${number}` },
          style: { left: `${100 * x}%`, top: `${100 * y}%` },
          ariaLabel: "Not part of the thing. Arrows move it, Enter or Delete removes it.",
          on: { click: (event) => event.detail === 0 && onPick(`${id}${MARK}${number}`) },
        }),
      ),
    );
