// An open picture, and what can be asked about it.

import { loadNames, readColor } from "../color.js";
import { shapesOf } from "./drawing.js";
import { gradingOf } from "./grading.js";
import { Unreadable } from "./header.js";
import { outlines } from "./outline.js";
import { canvasOf, decoded, greyPicture, limited, merged, reduced, shrunk } from "./pixels.js";
import { linear } from "./planes.js";
import { recorded } from "./record.js";
import { fitted } from "./things.js";
import { View, workingSize } from "./view.js";

const JPEG = "image/jpeg";
const TYPES = { jpeg: JPEG, png: "image/png" };

export class Session {
  #views = new Map(); // by the option upright

  static async open(file, lab, facts) {
    const { bitmap, format } = await decoded(file, facts.files.mostPixels);
    try {
      const { width, height } = bitmap;
      const { small, colored } = shrunk(bitmap, workingSize([height, width], facts.method), lab);
      const preview = shownOf(bitmap, facts.files.previewPixels);
      return new Session({ file, format, small, colored, size: [height, width], preview, lab, facts });
    } finally {
      bitmap.close();
    }
  }

  constructor(parts) {
    Object.assign(this, parts);
    this.id = crypto.randomUUID();
  }

  get said() {
    const [height, width] = this.size;
    return { id: this.id, width, height, format: this.format, coloured: this.colored, in_color: false };
  }

  async original(size) {
    return size === "preview" ? this.#shown(this.preview) : this.file; // which the browser shows upright itself
  }

  async colorize(wish) {
    const { view, shapes, chroma } = await this.#predicted(wish);
    const graded = await view.graded(chroma, this.#grading(wish, wish.look), shapes);
    if (wish.size === "preview" || !wish.size) return this.#shown(await this.#merged(this.preview, graded, wish));
    const { bitmap } = await decoded(this.file, this.facts.files.mostPixels);
    try {
      const canvas = await this.#merged(bitmap, graded, wish);
      return wish.size === "file" ? await this.#saved(canvas, wish, view, shapes) : await this.#shown(canvas);
    } finally {
      bitmap.close();
    }
  }

  async looksOf(wish) {
    const { view, shapes, chroma } = await this.#predicted(wish);
    this.thumbnail ??= shownOf(this.preview, this.facts.files.thumbnailPixels);
    const found = [];
    for (const name of Object.keys(this.facts.looks)) {
      const graded = await view.graded(chroma, this.#grading(wish, name), shapes);
      const blob = await this.#shown(await this.#merged(this.thumbnail, graded, wish));
      found.push({ name, picture: base64(new Uint8Array(await blob.arrayBuffer())) });
    }
    return found;
  }

  async confidence(wish) {
    const found = await this.#view(wish).certainty(await this.#shapes(wish));
    return greyPicture(linear(found, [this.preview.height, this.preview.width]));
  }

  async likely(x, y) {
    const { bins, apart, least, most } = this.facts.palette;
    const view = this.#view({});
    const chroma = await view.chroma([]);
    const count = chroma.height * chroma.width;
    const found = [[0, 1].map((c) => localMean(chroma.data.subarray(c * count, (c + 1) * count), this.small, x, y))];
    const scores = await view.scoresAt([x, y]);
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    for (const index of order) {
      if (found.length === most || scores[index] < least) break;
      const color = bins[index];
      if (found.every((other) => Math.hypot(color[0] - other[0], color[1] - other[1]) >= apart)) found.push(color);
    }
    const lightness = localMean(this.small.data, this.small, x, y);
    return found.map((each) => this.lab.hex(lightness, each));
  }

  async thing(x, y) {
    return outlines(await this.#view({}).thing([x, y]));
  }

  #view({ upright = "auto" }) {
    if (!this.#views.has(upright)) this.#views.set(upright, new View(this.small, this.size, upright, this.lab, this.facts));
    return this.#views.get(upright);
  }

  async #shapes({ hints }) {
    const { radius } = this.facts.hints;
    return shapesOf(hints, radius, async (color) => this.#chromaOf(color));
  }

  async #chromaOf(color) {
    await loadNames(); // the names of colors
    const hex = readColor(color);
    if (!hex) throw new Unreadable(`unknown color ${color}`);
    const rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
    return this.lab.labOf(rgb).slice(1);
  }

  async #predicted(wish) {
    const [view, shapes] = [this.#view(wish), await this.#shapes(wish)];
    return { view, shapes, chroma: await view.chroma(shapes) };
  }

  #grading({ warmth = 0 }, look = Object.keys(this.facts.looks)[0]) {
    return gradingOf(this.facts.looks[look], warmth);
  }

  async #merged(bitmap, chroma, { vividness = 1, saturation = 1 }) {
    const vivid = { ...chroma, data: chroma.data.map((each) => each * vividness) };
    return merged(bitmap, await fitted(this.small, vivid), saturation, this.lab);
  }

  #shown(canvas) {
    return canvas.convertToBlob({ type: JPEG, quality: this.facts.files.shownQuality / 100 });
  }

  async #saved(canvas, wish, view, shapes) {
    const { format = "keep", quality, longest } = wish;
    const type = TYPES[format] ?? TYPES[this.format.toLowerCase()] ?? TYPES.png;
    const placed = limited(canvas, longest);
    const blob = await placed.convertToBlob({ type, quality: (quality || this.facts.files.quality) / 100 });
    return recorded(blob, this.#record(wish, view, shapes, placed !== canvas), shapes.map(({ color }) => color), this.facts.record);
  }

  // What the installed program records.
  #record(wish, view, shapes, isReduced) {
    const { models } = this.facts;
    const used = ["guided-unet", "semantics", "skin", ...(view.upright === "auto" ? ["upright"] : []), ...(shapes.some(({ thing }) => thing) ? ["things"] : [])];
    const usual = { look: Object.keys(this.facts.looks)[0], warmth: 0, vividness: 1, saturation: 1, longest: 0, quality: 0 };
    const options = Object.entries(usual).filter(([name, value]) => (wish[name] ?? value) !== value).map(([name]) => [name, wish[name]]);
    if (view.upright !== "auto") options.push(["upright", view.upright]);
    return {
      Original: this.colored ? "toned" : "grey",
      ...(isReduced ? { Lightness: "repaired" } : {}),
      ...(view.turn ? { Turned: 90 * view.turn } : {}),
      Weights: Object.fromEntries(used.map((name) => [models[name].weights, models[name].sha256])),
      Options: Object.fromEntries(options),
      ...(shapes.length ? { Hints: wish.hints } : {}),
    };
  }
}

// A picture reduced to so many pixels, as a canvas.
function shownOf(bitmap, most) {
  const [width, height] = reduced(bitmap, most);
  const { canvas, context } = canvasOf(width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

// Mean of a few pixels.
function localMean(data, { height, width }, x, y) {
  const [row, column] = [Math.min(height - 1, Math.floor(y * height)), Math.min(width - 1, Math.floor(x * width))];
  let [sum, count] = [0, 0];
  for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++) [sum, count] = [sum + data[r * width + c], count + 1];
  }
  return sum / count;
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
