// One picture opened with the method, and colored with changing hints; see retint/picture/pipeline.py.

import { unknown } from "./distance.js";
import { boundsOf, EVERYWHERE, planesOf } from "./drawing.js";
import { graded, ramp } from "./grading.js";
import { Look, recognized } from "./guided.js";
import { cropped, padded, plane, rounded, turned } from "./planes.js";
import { turnOf } from "./upright.js";

// Height and width at which the method sees a picture.
export function workingSize([height, width], { native, mostAspect, mostEnlargement }) {
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  const scale = Math.min(native / short, (mostAspect * native) / long, mostEnlargement);
  return [height, width].map((side) => Math.max(1, rounded(side * scale)));
}

export class View {
  #look = null;
  #last = null; // the last hints, by their text, and their chroma
  #without = null;
  #alone = null;

  // L* at the working size of a picture of a height and a width; upright: "auto", "off" or degrees.
  constructor(small, size, upright, lab, facts) {
    Object.assign(this, { small, size, upright, lab, facts });
    this.turn = 0;
  }

  // Planes of a* and b* without a look, for shapes of a hints file.
  async chroma(shapes) {
    const key = JSON.stringify(shapes);
    if (this.#last?.key !== key) this.#last = { key, chroma: await this.#answer(shapes) };
    return this.#last.chroma;
  }

  // The same with a grading; what hints color stays as it is.
  async graded(chroma, grading, shapes) {
    if (!grading) return chroma;
    const { small, facts } = this;
    const found = graded(small, chroma, grading, facts.grading);
    if (!shapes.length) return found;
    const count = small.data.length;
    const alone = await this.#withoutHints();
    const far = this.#farFrom(shapes);
    for (let at = 0; at < count; at++) {
      const apart = Math.hypot(chroma.data[at] - alone.data[at], chroma.data[count + at] - alone.data[count + at]);
      const kept = Math.max(ramp(apart, ...facts.grading.moved), 1 - far[at]);
      for (const k of [at, count + at]) found.data[k] += kept * (chroma.data[k] - found.data[k]);
    }
    return found;
  }

  async certainty(shapes) {
    const look = await this.#opened();
    return this.#placed(await look.certainty(this.#seen(this.#planes(shapes))));
  }

  // Probabilities of colors at a place.
  async scoresAt([x, y]) {
    const look = await this.#opened();
    const [column, row] = this.#seenAt([x, y]);
    const { height, width } = look.lightness;
    return look.scoresAt(Math.min(height - 1, Math.floor(row * height)), Math.min(width - 1, Math.floor(column * width)));
  }

  // The thing at a place, from 0 to 1.
  async thing(place) {
    const planes = await this.#spreadOf([{ place, chroma: [0, 0], chosen: null, without: [] }]);
    return plane(planes.height, planes.width, 1, this.#mine(planes));
  }

  async #opened() {
    if (this.#look) return this.#look;
    const { small, lab, facts } = this;
    const { least, multiple } = facts.method;
    const accepted = [small.height, small.width].map((side) => Math.ceil(Math.max(side, least) / multiple) * multiple);
    const seen = padded(small, accepted);
    const first = await recognized(seen, lab, facts.recognizer);
    this.turn = await turnOf(seen, first, this.upright, lab, facts);
    const upright = turned(seen, this.turn);
    const found = this.turn ? await recognized(upright, lab, facts.recognizer) : first;
    this.#look = new Look(upright, found, lab, facts);
    return this.#look;
  }

  #planes(shapes) {
    return shapes.length ? planesOf(shapes, this.size, this.small, this.lab) : null;
  }

  // Planes of the picture as the method sees them, and back.
  #seen(planes) {
    if (!planes) return null;
    const { height, width } = turned(this.#look.lightness, -this.turn);
    return turned(padded(planes, [height, width]), this.turn);
  }
  #placed(planes) {
    return cropped(turned(planes, -this.turn), [this.small.height, this.small.width]);
  }

  #seenAt([x, y]) {
    const { height, width } = turned(this.#look.lightness, -this.turn);
    let place = [(x * this.small.width) / width, (y * this.small.height) / height];
    for (let k = 0; k < this.turn; k++) place = [1 - place[1], place[0]];
    return place;
  }

  async #predicted(shapes) {
    const look = await this.#opened();
    return this.#placed(await look.chroma(this.#seen(this.#planes(shapes))));
  }

  async #withoutHints() {
    this.#alone ??= await this.#predicted([]);
    return this.#alone;
  }

  // The chroma outside of what has bounds.
  async #outside(shapes) {
    if (!shapes.length) return this.#withoutHints();
    const key = JSON.stringify(shapes);
    if (this.#without?.key !== key) this.#without = { key, chroma: await this.#predicted(shapes) };
    return this.#without.chroma;
  }

  async #answer(shapes) {
    if (!shapes.length) return this.#withoutHints();
    const everything = await this.#predicted(shapes);
    const wide = shapes.filter(({ reach, thing }) => reach >= EVERYWHERE && !thing);
    const dots = shapes.filter(({ thing }) => thing);
    const bounds = boundsOf(shapes, this.size, this.small, this.facts.hints.alike);
    if (!bounds && !dots.length) return everything;
    const without = await this.#outside(wide);
    const spread = dots.length ? await this.#spreadOf(dots.map((dot) => this.#change(dot, without))) : null;
    const count = this.small.data.length;
    const { alike } = this.facts.dots;
    const share = (at) => Math.max(bounds?.[at] ?? 0, spread ? Math.min(1, alike * spread.data[count + at]) : 0);
    const found = { ...everything, data: everything.data.map((each, k) => without.data[k] + share(k % count) * (each - without.data[k])) };
    if (spread) this.#fill(found, spread, without, shapes);
    return found;
  }

  // A dot whose chroma is the difference from what is there without it.
  #change({ places: [place], chroma: [a, b], without: excluded }, without) {
    const { height, width, data } = this.small;
    const at = Math.min(height - 1, Math.floor(place[1] * height)) * width + Math.min(width - 1, Math.floor(place[0] * width));
    const share = this.lab.shareInGamut(data[at], a, b);
    const chosen = [share * a, share * b];
    const change = [chosen[0] - without.data[at], chosen[1] - without.data[data.length + at]];
    return { place, without: excluded, chroma: change, chosen };
  }

  async #spreadOf(dots) {
    const look = await this.#opened();
    const seen = dots.map(({ place, without, ...colors }) => {
      return { ...colors, place: this.#seenAt(place), without: without.map((each) => this.#seenAt(each)) };
    });
    return this.#placed(await look.spread(seen));
  }

  #mine({ data }) {
    const { from, to } = this.facts.dots;
    return data.subarray(0, this.small.data.length).map((each) => Math.min(1, Math.max(0, (each - from) / (to - from))));
  }

  // Gives things the colors of their dots, except near hints of other kinds.
  #fill(found, spread, without, shapes) {
    const { fill, ownArea } = this.facts.dots;
    const others = shapes.filter(({ thing }) => !thing).map((each) => ({ ...each, reach: Math.min(each.reach, ownArea) }));
    const areas = boundsOf(others, this.size, this.small, this.facts.hints.alike);
    const count = this.small.data.length;
    this.#mine(spread).forEach((mine, at) => {
      const share = fill * mine * (1 - (areas?.[at] ?? 0));
      for (const c of [0, 1]) {
        const k = c * count + at;
        found.data[k] += share * (without.data[k] + spread.data[(2 + c) * count + at] - found.data[k]);
      }
    });
  }

  #farFrom(shapes) {
    const { height, width } = this.small;
    const mask = planesOf(shapes, this.size, this.small, this.lab).data.subarray(2 * height * width);
    return unknown(mask, height, width, this.facts.hints.far);
  }
}
