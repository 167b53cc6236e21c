// Displays the picture: zoom, pan, and comparison with a divider or side by side.

import { $ } from "./dom.js";

const MOST = 16; // maximum screen pixels per picture pixel
const THUMB = 41.6; // size of the divider's handle in pixels, 2.6rem
const MOVED = 4; // pixels beyond which a press is a drag
const STEP = 40; // pixels per press of an arrow key
const START = 30; // position of the divider in percent, until somebody has placed a hint
const CLEAR = 15; // percent between the divider and what it reveals

export class Stage {
  #scale = 1;
  #left = 0;
  #top = 0;
  #width = 1;
  #height = 1;
  #fitted = true;
  #side = false;
  #placed = false; // whether somebody has moved the divider

  // onPress(place): the divider was pressed but not dragged.
  constructor({ onZoom, onPress }) {
    Object.assign(this, { onZoom, onPress });
    this.element = $("stage");
    $("split").addEventListener("input", () => {
      this.#placed = true;
      this.#layOut();
    });
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => (this.#fitted ? this.fit() : this.#layOut())).observe(this.element);
    this.#enableDragging();
  }

  // Shows a picture of that size in pixels.
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

  // Whether the two are side by side rather than overlaid.
  set side(on) {
    this.#side = on;
    this.element.classList.toggle("side", on);
    this.fit();
  }

  // Position of the divider in percent of the visible picture.
  get divider() {
    return Number($("split").value);
  }
  set divider(percent) {
    $("split").value = percent;
    this.#layOut();
  }

  // Puts the divider where it starts for another picture.
  startDivider(hinted) {
    this.#placed = false;
    this.divider = hinted ? 0 : START;
  }

  // Once there are hints, the divider is at the left edge unless somebody has moved it.
  openDivider() {
    if (!this.#placed) this.divider = 0;
  }

  // Moves the divider to the left of x, a share of the picture.
  reveal(x) {
    const [left, right] = this.#span();
    const place = (100 * (this.#left + x * this.#width * this.#scale - left)) / Math.max(1, right - left);
    if (this.#side || place - CLEAR >= this.divider) return;
    this.divider = this.#placed ? Math.max(0, place - CLEAR) : 0;
  }

  // Center of the visible area, in shares of the picture.
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
    this.#layOut();
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
    this.#layOut();
  }

  pan(across, down) {
    this.#left += across;
    this.#top += down;
    this.#layOut();
  }

  // Converts stage pixels to shares of the picture.
  placeOf(x, y) {
    return { x: (x - this.#left) / (this.#width * this.#scale), y: (y - this.#top) / (this.#height * this.#scale) };
  }

  // Converts shares of the picture to window pixels.
  windowOf({ x, y }) {
    const box = $("pane-after").getBoundingClientRect();
    return [box.left + this.#left + x * this.#width * this.#scale, box.top + this.#top + y * this.#height * this.#scale];
  }

  // The rectangle in which the picture is seen, in window pixels.
  get seen() {
    const box = $("pane-after").getBoundingClientRect();
    const [begin] = this.windowOf({ x: 0, y: 0 });
    const [end] = this.windowOf({ x: 1, y: 1 });
    return { left: this.#side ? this.element.getBoundingClientRect().left : Math.max(box.left, begin), right: Math.min(box.right, end) };
  }

  // Position of a pointer in its pane.
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

  #layOut() {
    const { width, height } = this.#pane();
    if (!width) return;
    const [wide, high] = [this.#width * this.#scale, this.#height * this.#scale];
    // Keep the picture visible.
    this.#left = wide <= width ? (width - wide) / 2 : Math.min(0, Math.max(width - wide, this.#left));
    this.#top = high <= height ? (height - high) / 2 : Math.min(0, Math.max(height - high, this.#top));
    for (const view of document.querySelectorAll("#stage .view")) {
      Object.assign(view.style, {
        left: `${this.#left}px`, top: `${this.#top}px`, width: `${wide}px`, height: `${high}px`,
      });
    }
    this.#placeLine(...this.#span());
    this.element.classList.toggle("fitted", this.#fitted);
    $("zoom-said").value = this.#fitted ? "fit" : `${Math.round(100 * this.#scale)} %`;
    this.onZoom(this.#scale);
  }

  // The left and right edges of the visible picture.
  #span() {
    return [Math.max(0, this.#left), Math.min(this.#pane().width, this.#left + this.#width * this.#scale)];
  }

  // The divider moves between them.
  #placeLine(left, right) {
    const line = left + (Number($("split").value) / 100) * (right - left);
    $("divider").style.setProperty("--line", `${line}px`);
    // All of the handle stays in the window.
    const [from, to] = [Math.max(0, left - THUMB / 2), Math.min(this.element.clientWidth, right + THUMB / 2)];
    Object.assign($("split").style, { left: `${from}px`, width: `${to - from}px` });
    $("pane-before").style.clipPath = this.#side ? "" : `inset(0 calc(100% - ${line}px) 0 0)`;
  }

  #enableDragging() {
    const line = $("line");
    let pressed = 0;
    let dragged = false;
    const move = (event) => {
      const [x] = this.at(event);
      dragged ||= Math.abs(x - pressed) > MOVED;
      if (!dragged) return;
      const [left, right] = this.#span();
      this.#placed = true;
      this.divider = (100 * (x - left)) / Math.max(1, right - left);
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
