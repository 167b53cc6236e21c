// A person's colours: points in shares of the picture, with undo; as a file and in the address.

const VERSION = 1;

export class Hints {
  #past = [[]];
  #now = 0;
  // Strokes and rectangles of a file are kept and sent, not shown.
  #others = {};

  get points() {
    return this.#past[this.#now];
  }
  get canUndo() {
    return this.#now > 0;
  }
  get canRedo() {
    return this.#now < this.#past.length - 1;
  }
  change(points) {
    this.#past.splice(this.#now + 1, Infinity, points);
    this.#now++;
  }
  add(point) {
    this.change([...this.points, point]);
  }
  replace(index, change) {
    this.change(this.points.map((each, k) => (k === index ? { ...each, ...change } : each)));
  }
  remove(index) {
    this.change(this.points.filter((_, k) => k !== index));
  }
  undo() {
    if (this.canUndo) this.#now--;
  }
  redo() {
    if (this.canRedo) this.#now++;
  }

  // The content of a hints file, as the command line reads it; null where there are none.
  content(width, height) {
    const others = scaled(this.#others, width, height);
    if (!this.points.length && !others.strokes && !others.rectangles) return null;
    const short = Math.min(width, height);
    const points = this.points.map(({ x, y, color, radius }) => ({
      x: round(x * width),
      y: round(y * height),
      color,
      ...(radius ? { radius: round(radius * short) } : {}),
    }));
    return { version: VERSION, size: [width, height], points, ...others };
  }

  read(content) {
    if (content.version !== VERSION || !Array.isArray(content.size)) {
      throw new Error("This is no file of hints.");
    }
    const [width, height] = content.size;
    const short = Math.min(width, height);
    this.change(
      (content.points ?? []).map(({ x, y, color, radius }) => ({
        x: x / width,
        y: y / height,
        color,
        ...(radius ? { radius: radius / short } : {}),
      })),
    );
    const { strokes, rectangles } = content;
    this.#others = scaled({ strokes, rectangles }, 1 / width, 1 / height);
  }
}

function scaled({ strokes, rectangles }, width, height) {
  const short = Math.min(width, height);
  const found = {};
  if (strokes) {
    found.strokes = strokes.map((each) => ({
      ...each,
      points: each.points.map(([x, y]) => [x * width, y * height]),
      ...(each.radius ? { radius: each.radius * short } : {}),
    }));
  }
  if (rectangles) {
    found.rectangles = rectangles.map((each) => ({
      ...each,
      x: each.x * width,
      y: each.y * height,
      width: each.width * width,
      height: each.height * height,
    }));
  }
  return found;
}

const round = (value) => Math.round(value * 100) / 100;

// The address holds a look and its points, so that it can be kept as a bookmark.
export function toAddress(look, points) {
  const short = (value) => Math.round(value * 10000) / 10000;
  const content = { ...look, h: points.map(({ x, y, color }) => [short(x), short(y), color]) };
  return `#${encodeURIComponent(JSON.stringify(content))}`;
}

export function fromAddress(hash) {
  try {
    const { h = [], ...look } = JSON.parse(decodeURIComponent(hash.slice(1)));
    const points = h.map(([x, y, color]) => ({ x: Number(x), y: Number(y), color: String(color) }));
    const valid = points.filter(
      ({ x, y, color }) => x >= 0 && x <= 1 && y >= 0 && y <= 1 && /^#[0-9a-f]{6}$/i.test(color),
    );
    return { look, points: valid };
  } catch {
    return { look: {}, points: [] };
  }
}
