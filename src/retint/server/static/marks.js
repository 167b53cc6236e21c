// Hints as marks on the picture: dots that can be dragged, lines and outlines.

import { exclusionMarks } from "./exclusions.js";
import { nameOf } from "./color.js";
import { $, button } from "./dom.js";
import { clampShare } from "./shapes.js";
import { MARKING } from "./tools.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.01; // share of the picture per press of an arrow key

// on: onMove(id, place), onPick(id), onRemove(id)
export class Marks {
  constructor(on) {
    this.on = on;
    $("dots").addEventListener("keydown", (event) => this.#key(event));
  }

  show(shapes, [width, height]) {
    const focused = document.activeElement?.closest?.(".dot")?.dataset.id;
    const { onPick } = this.on;
    $("dots").replaceChildren(...shapes.map((shape, k) => dot(shape, k, onPick)), ...exclusionMarks(shapes, onPick));
    $("lines").setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.size = [width, height];
    $("lines").replaceChildren(...shapes.filter(({ points }) => points).flatMap((each) => this.#outline(each)));
    if (focused) this.focus(focused);
  }

  focus(id) {
    $("dots").querySelector(`[data-id="${id}"]`)?.focus();
  }

  // The shape being drawn; null for none.
  draw(kind, points, color = "#ffffff", radius = 0) {
    $("drawing").replaceChildren();
    if (!kind) return;
    const [width, height] = this.size;
    $("drawing").setAttribute("viewBox", `0 0 ${width} ${height}`);
    const path = this.#path(points, kind === "region" || kind === "polygon");
    if (["brush", "stroke", ...MARKING].includes(kind)) {
      path.setAttribute("stroke-width", 2 * radius * Math.min(width, height));
      path.setAttribute("class", "brush");
    } else path.setAttribute("class", "region");
    path.style.setProperty("--color", color);
    $("drawing").append(path);
  }

  #outline({ kind, points, color }) {
    return ["casing", "core"].map((part) => {
      const path = this.#path(points, kind === "polygon");
      path.setAttribute("class", part);
      path.style.setProperty("--color", color);
      return path;
    });
  }

  #path(points, closed) {
    const [width, height] = this.size;
    const path = document.createElementNS(SVG, "path");
    const steps = points.map(([x, y]) => `${x * width} ${y * height}`);
    // A line with one point would be invisible.
    if (steps.length === 1) steps.push(steps[0]);
    path.setAttribute("d", `M${steps.join("L")}${closed ? "Z" : ""}`);
    return path;
  }

  #key(event) {
    const element = event.target.closest(".dot");
    if (!element) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (arrow) {
      const at = (name) => parseFloat(element.style[name]) / 100;
      this.on.onMove(element.dataset.id, { x: at("left") + arrow[0] * STEP, y: at("top") + arrow[1] * STEP });
    } else if (event.key === "Delete" || event.key === "Backspace") this.on.onRemove(element.dataset.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// Position of a shape's dot.
export function anchor({ x, y, w = 0, h = 0, points }) {
  if (!points) return { x: x + w / 2, y: y + h / 2 };
  const [px, py] = points[Math.floor(points.length / 2)];
  return { x: px, y: py };
}

// The left edge of a shape.
export const leftOf = ({ x, points }) => (points ? Math.min(...points.map(([px]) => px)) : x);

const WORDS = { point: "Color", stroke: "Brush stroke", polygon: "Region", rectangle: "Rectangle" };
export const labelOf = ({ kind, color }, index) => `${WORDS[kind]} ${index + 1}, ${nameOf(color) || color}`;

function dot(shape, index, onPick) {
  const { x, y } = anchor(shape);
  return button("", {
    className: `dot ${shape.kind}`,
    data: { id: shape.id },
    style: { backgroundColor: shape.color, left: `${100 * x}%`, top: `${100 * y}%` },
    ariaLabel: `${labelOf(shape, index)}. Arrows move it, Enter changes it, Delete removes it.`,
    // Keyboard only; tools.js handles the pointer.
    on: { click: (event) => event.detail === 0 && onPick(shape.id) },
  });
}

// A shape moved so that its anchor is at a position.
export function moveTo(shape, place) {
  const from = anchor(shape);
  const [across, down] = [place.x - from.x, place.y - from.y];
  if (shape.points) return { ...shape, points: shape.points.map(([x, y]) => [clampShare(x + across), clampShare(y + down)]) };
  return { ...shape, x: clampShare(shape.x + across), y: clampShare(shape.y + down) };
}
