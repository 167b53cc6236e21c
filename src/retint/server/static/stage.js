// The picture on the page: before and after with a divider, zoom and pan, and dots to drag.

const MOVED = 5; // pixels from which on a press is no click
const STEP = 0.01; // of the picture, a press of an arrow key
const MOST = 16; // screen pixels for a pixel of the picture

export class Stage {
  #pointers = new Map();
  #pinch = null;
  #press = null;
  #scale = 1;
  #left = 0;
  #top = 0;
  #width = 1;
  #height = 1;
  #fitted = true;

  constructor({ onPlace, onMove, onPick, onRemove, onZoom }) {
    this.on = { onPlace, onMove, onPick, onRemove, onZoom };
    for (const name of ["stage", "view", "before", "after", "map", "dots", "split", "divider"]) {
      this[name] = document.getElementById(name);
    }
    this.split.addEventListener("input", () => this.#lay());
    const { stage } = this;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#moved(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#up(event, true));
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => (this.#fitted ? this.fit() : this.#lay())).observe(stage);
  }

  // A picture of that many pixels.
  show(width, height) {
    [this.#width, this.#height] = [width, height];
    this.fit();
  }

  get scale() {
    return this.#scale;
  }

  // What is in the middle of what can be seen, in shares of the picture.
  get middle() {
    const { width, height } = this.stage.getBoundingClientRect();
    return this.#place(width / 2, height / 2);
  }

  fit() {
    const { width, height } = this.stage.getBoundingClientRect();
    if (!width) return;
    this.#fitted = true;
    this.#scale = Math.min(width / this.#width, height / this.#height);
    this.#left = (width - this.#width * this.#scale) / 2;
    this.#top = (height - this.#height * this.#scale) / 2;
    this.#lay();
  }

  zoom(factor, x, y) {
    const { width, height } = this.stage.getBoundingClientRect();
    [x, y] = [x ?? width / 2, y ?? height / 2];
    const least = Math.min(width / this.#width, height / this.#height);
    const scale = Math.min(MOST, Math.max(least, this.#scale * factor));
    if (scale === least) return this.fit();
    this.#left = x - (x - this.#left) * (scale / this.#scale);
    this.#top = y - (y - this.#top) * (scale / this.#scale);
    this.#scale = scale;
    this.#fitted = false;
    this.#lay();
  }

  mark(points) {
    const focused = [...this.dots.children].indexOf(document.activeElement);
    this.dots.replaceChildren(...points.map((point, k) => this.#dot(point, k)));
    this.dots.children[focused]?.focus();
  }

  focus(index) {
    this.dots.children[index]?.focus();
  }

  #dot({ x, y, color }, index) {
    const dot = document.createElement("button");
    dot.type = "button";
    dot.className = "dot";
    dot.dataset.index = index;
    dot.style.backgroundColor = color;
    dot.style.left = `${100 * x}%`;
    dot.style.top = `${100 * y}%`;
    dot.ariaLabel = `Colour ${index + 1}, ${color}. Arrows move it, Enter changes it, Delete removes it.`;
    dot.addEventListener("click", (event) => {
      if (event.detail === 0) this.on.onPick(index); // by the keyboard; a pointer's is in #up
    });
    return dot;
  }

  #lay() {
    const { width, height } = this.stage.getBoundingClientRect();
    if (!width) return;
    const [wide, high] = [this.#width * this.#scale, this.#height * this.#scale];
    // It may not be dragged out of sight.
    this.#left = wide <= width ? (width - wide) / 2 : Math.min(0, Math.max(width - wide, this.#left));
    this.#top = high <= height ? (height - high) / 2 : Math.min(0, Math.max(height - high, this.#top));
    const { style } = this.view;
    style.left = `${this.#left}px`;
    style.top = `${this.#top}px`;
    style.width = `${wide}px`;
    style.height = `${high}px`;
    const share = Number(this.split.value) / 100;
    // The thumb of a slider does not reach its ends with its middle.
    const thumb = 41.6;
    const line = thumb / 2 + share * (width - thumb);
    this.divider.style.setProperty("--split", `${line}px`);
    const shown = share === 0 ? 0 : share === 1 ? 1 : Math.min(1, Math.max(0, (line - this.#left) / wide));
    this.before.style.clipPath = `inset(0 ${100 * (1 - shown)}% 0 0)`;
    document.getElementById("zoom-said").value = this.#fitted ? "fit" : `${Math.round(100 * this.#scale)} %`;
    this.on.onZoom(this.#scale);
  }

  #place(x, y) {
    return {
      x: (x - this.#left) / (this.#width * this.#scale),
      y: (y - this.#top) / (this.#height * this.#scale),
    };
  }

  #at(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #down(event) {
    if (event.target === this.split || event.button > 0) return;
    const dot = event.target.closest(".dot");
    this.stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#at(event));
    if (this.#pointers.size === 2) {
      this.#pinch = spread([...this.#pointers.values()]);
      this.#press = null;
      return;
    }
    const [x, y] = this.#at(event);
    this.#press = { x, y, left: this.#left, top: this.#top, dot, moved: false };
    (dot ?? this.stage).focus({ preventScroll: true });
    event.preventDefault();
  }

  #moved(event) {
    if (!this.#pointers.has(event.pointerId)) return;
    const [x, y] = this.#at(event);
    this.#pointers.set(event.pointerId, [x, y]);
    if (this.#pointers.size === 2) {
      const now = spread([...this.#pointers.values()]);
      this.zoom(now.distance / this.#pinch.distance, now.x, now.y);
      this.#pinch = now;
      return;
    }
    const press = this.#press;
    if (!press) return;
    press.moved ||= Math.hypot(x - press.x, y - press.y) > MOVED;
    if (!press.moved) return;
    if (press.dot) {
      const place = inside(this.#place(x, y));
      press.dot.style.left = `${100 * place.x}%`;
      press.dot.style.top = `${100 * place.y}%`;
      return;
    }
    this.stage.classList.add("panning");
    this.#left = press.left + x - press.x;
    this.#top = press.top + y - press.y;
    this.#lay();
  }

  #up(event, cancelled = false) {
    if (!this.#pointers.delete(event.pointerId)) return;
    this.stage.classList.remove("panning");
    const press = this.#press;
    this.#press = null;
    if (!press || cancelled || this.#pinch) {
      if (!this.#pointers.size) this.#pinch = null;
      return;
    }
    const place = this.#place(...this.#at(event));
    const index = Number(press.dot?.dataset.index);
    if (press.dot && press.moved) this.on.onMove(index, inside(place));
    else if (press.dot) this.on.onPick(index);
    else if (!press.moved && place.x >= 0 && place.x < 1 && place.y >= 0 && place.y < 1) this.on.onPlace(place);
  }

  #wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), ...this.#at(event));
  }

  #key(event) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    const dot = event.target.closest(".dot");
    if (dot) {
      const index = Number(dot.dataset.index);
      if (arrow) {
        const x = parseFloat(dot.style.left) / 100 + arrow[0] * STEP;
        const y = parseFloat(dot.style.top) / 100 + arrow[1] * STEP;
        this.on.onMove(index, inside({ x, y }));
      } else if (event.key === "Delete" || event.key === "Backspace") this.on.onRemove(index);
      else return;
    } else if (event.target !== this.stage) return;
    else if (arrow) {
      this.#left -= 40 * arrow[0];
      this.#top -= 40 * arrow[1];
      this.#lay();
    } else if (event.key === "+") this.zoom(1.5);
    else if (event.key === "-") this.zoom(1 / 1.5);
    else if (event.key === "0") this.fit();
    else if (event.key === "Enter") this.on.onPlace(this.middle);
    else return;
    event.preventDefault();
  }
}

function inside({ x, y }) {
  const clip = (value) => Math.min(0.999, Math.max(0, value));
  return { x: clip(x), y: clip(y) };
}

function spread([[x1, y1], [x2, y2]]) {
  return { x: (x1 + x2) / 2, y: (y1 + y2) / 2, distance: Math.max(1, Math.hypot(x1 - x2, y1 - y2)) };
}
