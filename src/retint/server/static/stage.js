// Where the picture is seen: zoomed, panned, and compared with another one, wiped or side by side.

import { $ } from "./dom.js";

const MOST = 16; // screen pixels for a pixel of the picture
const THUMB = 41.6; // pixels: the handle of the line, 2.6rem
const MOVED = 4; // pixels from which on a press is a drag
const STEP = 40; // pixels that a press of an arrow key pans

export class Stage {
  #scale = 1;
  #left = 0;
  #top = 0;
  #width = 1;
  #height = 1;
  #fitted = true;
  #side = false;

  // onPress(place): the line was pressed and not dragged.
  constructor({ onZoom, onPress }) {
    Object.assign(this, { onZoom, onPress });
    this.element = $("stage");
    $("split").addEventListener("input", () => this.#lay());
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => (this.#fitted ? this.fit() : this.#lay())).observe(this.element);
    this.#letDragTheLine();
  }

  // A picture of that many pixels.
  show([width, height]) {
    if (width === this.#width && height === this.#height) return;
    [this.#width, this.#height] = [width, height];
    this.fit();
  }

  get scale() {
    return this.#scale;
  }
  get fitted() {
    return this.#fitted;
  }
  get pixels() {
    return [this.#width, this.#height];
  }

  // Whether the two stand beside each other, or one lies over the other.
  set side(on) {
    this.#side = on;
    this.element.classList.toggle("side", on);
    this.fit();
  }

  // What is in the middle of what can be seen, in shares of the picture.
  get middle() {
    const { width, height } = this.#pane();
    return this.placeOf(width / 2, height / 2);
  }

  fit() {
    const { width, height } = this.#pane();
    if (!width) return;
    this.#fitted = true;
    this.#scale = this.#least();
    this.#left = (width - this.#width * this.#scale) / 2;
    this.#top = (height - this.#height * this.#scale) / 2;
    this.#lay();
  }

  zoom(factor, x, y) {
    const { width, height } = this.#pane();
    [x, y] = [x ?? width / 2, y ?? height / 2];
    const least = this.#least();
    const scale = Math.min(MOST, Math.max(least, this.#scale * factor));
    if (scale === least) return this.fit();
    this.#left = x - (x - this.#left) * (scale / this.#scale);
    this.#top = y - (y - this.#top) * (scale / this.#scale);
    this.#scale = scale;
    this.#fitted = false;
    this.#lay();
  }

  pan(across, down) {
    this.#left += across;
    this.#top += down;
    this.#lay();
  }

  // Pixels of the stage to shares of the picture.
  placeOf(x, y) {
    return { x: (x - this.#left) / (this.#width * this.#scale), y: (y - this.#top) / (this.#height * this.#scale) };
  }

  // Shares of the picture to pixels of the window.
  windowOf({ x, y }) {
    const box = $("pane-after").getBoundingClientRect();
    return [box.left + this.#left + x * this.#width * this.#scale, box.top + this.#top + y * this.#height * this.#scale];
  }

  // Where in its pane a pointer is.
  at(event) {
    const { left, top } = this.element.getBoundingClientRect();
    const { width } = this.#pane();
    const x = event.clientX - left;
    return [this.#side && x >= width ? x - width : x, event.clientY - top];
  }

  key(name) {
    const arrows = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const arrow = arrows[name];
    if (arrow) this.pan(STEP * arrow[0], STEP * arrow[1]);
    else if (name === "+") this.zoom(1.5);
    else if (name === "-") this.zoom(1 / 1.5);
    else if (name === "0") this.fit();
    else return false;
    return true;
  }

  #pane() {
    const { width, height } = this.element.getBoundingClientRect();
    return { width: this.#side ? width / 2 : width, height };
  }

  #least() {
    const { width, height } = this.#pane();
    return Math.min(width / this.#width, height / this.#height);
  }

  #lay() {
    const { width, height } = this.#pane();
    if (!width) return;
    const [wide, high] = [this.#width * this.#scale, this.#height * this.#scale];
    // It may not be dragged out of sight.
    this.#left = wide <= width ? (width - wide) / 2 : Math.min(0, Math.max(width - wide, this.#left));
    this.#top = high <= height ? (height - high) / 2 : Math.min(0, Math.max(height - high, this.#top));
    for (const view of document.querySelectorAll("#stage .view")) {
      Object.assign(view.style, {
        left: `${this.#left}px`, top: `${this.#top}px`, width: `${wide}px`, height: `${high}px`,
      });
    }
    this.#layLine(Math.max(0, this.#left), Math.min(width, this.#left + wide));
    this.element.classList.toggle("fitted", this.#fitted);
    $("zoom-said").value = this.#fitted ? "fit" : `${Math.round(100 * this.#scale)} %`;
    this.onZoom(this.#scale);
  }

  // The line goes from the left edge of what is seen of the picture to its right edge.
  #layLine(left, right) {
    const line = left + (Number($("split").value) / 100) * (right - left);
    $("divider").style.setProperty("--line", `${line}px`);
    Object.assign($("split").style, { left: `${left - THUMB / 2}px`, width: `${right - left + THUMB}px` });
    $("pane-before").style.clipPath = this.#side ? "" : `inset(0 calc(100% - ${line}px) 0 0)`;
  }

  #letDragTheLine() {
    const line = $("line");
    let pressed = 0;
    let dragged = false;
    const move = (event) => {
      const [x] = this.at(event);
      dragged ||= Math.abs(x - pressed) > MOVED;
      if (!dragged) return;
      const { width } = this.#pane();
      const left = Math.max(0, this.#left);
      const right = Math.min(width, this.#left + this.#width * this.#scale);
      $("split").value = (100 * (x - left)) / Math.max(1, right - left);
      this.#lay();
    };
    line.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      event.stopPropagation();
      [pressed, dragged] = [this.at(event)[0], false];
      line.setPointerCapture(event.pointerId);
      line.addEventListener("pointermove", move);
    });
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", move));
    line.addEventListener("pointerup", (event) => {
      if (!dragged) this.onPress(this.placeOf(...this.at(event)));
    });
  }

  #wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), ...this.at(event));
  }
}
