// Pointer tools: place and move dots, paint, outline, pick a color.

import { $ } from "./dom.js";
import { clampShare, simplify } from "./shapes.js";

const MOVED = 5; // pixels beyond which a press is a drag
const TOLERANCE = 0.002; // tolerance for simplifying lines, as a share of the picture
export const MARKING = ["healer", "eraser"]; // brushes that mark what is repaired and what is not
export const clampPlace = ({ x, y }) => ({ x: clampShare(x), y: clampShare(y) });

export class Tools {
  #pointers = new Map();
  #pinch = null;
  #press = null;
  #tool = "dot";

  // on: onPlace(place), onExclude(place), onDrawn(kind, points), onMove(id, place), onPick(id), onPickUp(place), onDrawing(kind, points),
  // onMarked(tool, points), onTool(), isClosing()
  constructor(stage, on) {
    this.stage = stage;
    this.on = on;
    const { element } = stage;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event, false));
    element.addEventListener("pointercancel", (event) => this.#up(event, true));
  }

  // "dot", "exclude", "brush", "region", "healer", "eraser" or "dropper".
  get tool() {
    return this.#tool;
  }
  set tool(name) {
    this.#tool = name;
    this.stage.element.dataset.tool = name;
    for (const each of document.querySelectorAll("[data-choose-tool]")) {
      each.ariaPressed = each.dataset.chooseTool === name;
    }
    $("brush-size").hidden = name !== "brush" && !MARKING.includes(name);
    this.on.onTool();
  }

  #down(event) {
    if (event.target.closest("#divider, .most-wanted") || event.button > 0) return;
    const [x, y] = this.stage.at(event);
    this.#pointers.set(event.pointerId, [x, y]);
    if (this.#pointers.size === 2) {
      this.#pinch = spread([...this.#pointers.values()]);
      this.#press = null;
      this.on.onDrawing(null);
      return;
    }
    const mark = event.target.closest(".dot");
    // A press that closes the popover does nothing else.
    const closes = this.on.isClosing();
    this.#press = { x, y, lastX: x, lastY: y, mark, moved: false, line: [], closes };
    if (this.#draws) this.#press.line.push(this.#point(x, y));
    // The touch may still become a scroll of the page.
    if (event.pointerType !== "touch" || mark || this.#draws || !this.stage.fitted) {
      this.stage.element.setPointerCapture(event.pointerId);
      event.preventDefault();
    }
    (mark ?? this.stage.element).focus({ preventScroll: true });
  }

  get #draws() {
    return !["dot", "exclude", "dropper"].includes(this.#tool);
  }

  #point(x, y) {
    const place = clampPlace(this.stage.placeOf(x, y));
    return [place.x, place.y];
  }

  #move(event) {
    if (!this.#pointers.has(event.pointerId)) return;
    const [x, y] = this.stage.at(event);
    this.#pointers.set(event.pointerId, [x, y]);
    if (this.#pointers.size === 2) {
      const now = spread([...this.#pointers.values()]);
      this.stage.zoom(now.distance / this.#pinch.distance, now.x, now.y);
      this.#pinch = now;
      return;
    }
    const press = this.#press;
    if (!press) return;
    press.moved ||= Math.hypot(x - press.x, y - press.y) > MOVED;
    if (!press.moved) return;
    if (press.mark) {
      const place = clampPlace(this.stage.placeOf(x, y));
      press.mark.style.left = `${100 * place.x}%`;
      press.mark.style.top = `${100 * place.y}%`;
    } else if (this.#draws) {
      press.line.push(this.#point(x, y));
      this.on.onDrawing(this.#tool, press.line);
    } else {
      this.stage.element.classList.add("panning");
      this.stage.pan(x - press.lastX, y - press.lastY);
    }
    [press.lastX, press.lastY] = [x, y];
  }

  #up(event, cancelled) {
    if (!this.#pointers.delete(event.pointerId)) return;
    this.stage.element.classList.remove("panning");
    const press = this.#press;
    this.#press = null;
    if (!press || cancelled || this.#pinch) {
      if (!this.#pointers.size) this.#pinch = null;
      this.on.onDrawing(null);
      return;
    }
    if (press.closes && !press.moved) return;
    const place = this.stage.placeOf(...this.stage.at(event));
    const within = place.x >= 0 && place.x < 1 && place.y >= 0 && place.y < 1;
    if (press.mark) {
      if (press.moved) this.on.onMove(press.mark.dataset.id, clampPlace(place));
      else this.on.onPick(press.mark.dataset.id);
    } else if (this.#draws) this.#finishDrawing(press);
    else if (press.moved || !within) return;
    else if (this.#tool === "dropper") this.on.onPickUp(place);
    else if (this.#tool === "exclude" || event.altKey) this.on.onExclude(place);
    else this.on.onPlace(place);
  }

  #finishDrawing({ line, moved }) {
    const points = simplify(line, TOLERANCE);
    if (MARKING.includes(this.#tool)) this.on.onMarked(this.#tool, points);
    else if (this.#tool === "brush") this.on.onDrawn("stroke", points);
    else if (moved && points.length > 2) this.on.onDrawn("polygon", points);
    else this.on.onDrawing(null);
  }
}

function spread([[x1, y1], [x2, y2]]) {
  return { x: (x1 + x2) / 2, y: (y1 + y2) / 2, distance: Math.max(1, Math.hypot(x1 - x2, y1 - y2)) };
}
