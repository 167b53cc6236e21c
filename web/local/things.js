// Finds the things that dots lie on; see retint/colorizers/parts/things.py and retint/picture/dots.py.

import { run, tensor } from "./networks.js";
import { average, cubic, filled, linear, plane } from "./planes.js";

// One picture, embedded.
export class Finder {
  #masks = new Map();

  static async of(layers, lightness, lab, facts) {
    const { side } = facts;
    const grey = filled(lightness.height, lightness.width, (k) => lab.grey(lightness.data[k]));
    const light = (Math.min(grey.height, grey.width) > side ? average : cubic)(grey, [side, side]);
    light.data.forEach((each, k) => (light.data[k] = Math.min(1, Math.max(0, each))));
    const inputs = Object.fromEntries(Object.entries(layers).map(([name, tokens]) => [name, asMap(tokens)]));
    const { embedded } = await run("things", { ...inputs, light: tensor(light.data, [1, 1, side, side]) }, ["embedded"]);
    return new Finder(embedded, light, facts);
  }

  constructor(embedded, light, facts) {
    this.facts = facts;
    this.embedded = embedded;
    [, this.channels, this.side] = embedded.dims;
    this.light = average(light, [this.side, this.side]);
  }

  // What belongs to the thing at a place, and what is of its color: two planes of shares. The color is known or null.
  async mask(place, chroma = null) {
    const told = chroma ? [1, ...chroma.map((each) => each / this.facts.colorScale)] : [0, 0, 0];
    const key = [...place, ...told].join(" ");
    if (!this.#masks.has(key)) this.#masks.set(key, await this.#decoded(place, told));
    return this.#masks.get(key);
  }

  at([x, y]) {
    const place = (share) => Math.min(this.side - 1, Math.max(0, Math.floor(share * this.side)));
    return place(y) * this.side + place(x);
  }

  async #decoded([x, y], told) {
    const { side, channels, embedded, light } = this;
    const count = side * side;
    const at = this.at([x, y]);
    const own = Array.from({ length: channels }, (_, k) => embedded.data[k * count + at]);
    const clicked = Float32Array.from([...own, light.data[at], x, y, ...told]);
    const inputs = {
      kept: embedded,
      places: tensor(light.data, [1, 1, side, side]),
      clicked: tensor(clicked, [1, clicked.length, 1, 1]),
    };
    const { shares } = await run("things", inputs, ["shares"]);
    const [height, width] = shares.dims.slice(2);
    const found = plane(height, width, 2, shares.data.slice(0, 2 * height * width));
    connect(found.data.subarray(0, height * width), height, width, at);
    return found;
  }
}

// Tokens of cells, without that of the whole picture, as planes.
function asMap({ data, dims: [, tokens, channels] }) {
  const side = Math.round(Math.sqrt(tokens - 1));
  const found = new Float32Array(channels * side * side);
  for (let cell = 0; cell < side * side; cell++) {
    for (let c = 0; c < channels; c++) found[c * side * side + cell] = data[(cell + 1) * channels + c];
  }
  return tensor(found, [1, channels, side, side]);
}

// Removes what only smaller shares connect with a place: each cell gets the largest share that all cells of some path
// have at least (grey-scale reconstruction, Vincent 1993), here by the paths with the largest shares first.
function connect(mask, height, width, start) {
  const reached = new Float32Array(mask.length);
  reached[start] = mask[start];
  const waiting = [start];
  while (waiting.length) {
    const at = waiting.shift();
    const [y, x] = [Math.floor(at / width), at % width];
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const there = row * width + column;
        const share = Math.min(reached[at], mask[there]);
        if (share > reached[there]) {
          reached[there] = share;
          waiting.push(there);
        }
      }
    }
  }
  mask.set(reached);
}

// Where dots color their things: planes of two shares, a* and b*. Dots have a place, a change of chroma, the chosen chroma
// or null, and places excluded from their things. The first share is that of the things, the second that of what has their colors.
export async function spread(finder, dots, lightness) {
  const masks = [];
  for (const { place, chosen, without } of dots) {
    const mask = { ...(await finder.mask(place, chosen)) };
    mask.data = mask.data.slice();
    for (const other of without) exclude(mask, await finder.mask(other), finder.at(place), finder.facts.sharpness);
    masks.push(mask);
  }
  const { side } = finder;
  const shares = plane(side, side, 2);
  for (const { data } of masks) data.forEach((each, k) => (shares.data[k] = Math.max(shares.data[k], each)));
  const sharp = await sharpened(shares, lightness);
  const colors = linear(interpolated(masks, dots, side, finder.facts.nearest), [lightness.height, lightness.width]);
  const pixels = lightness.height * lightness.width;
  const found = plane(lightness.height, lightness.width, 4);
  found.data.set(sharp);
  found.data.set(colors.data, 2 * pixels);
  return found;
}

// Takes away what rather belongs to an excluded place.
function exclude(mask, other, own, sharpness) {
  const count = mask.height * mask.width;
  for (let layer = 0; layer < 2; layer++) {
    const share = (at) => {
      const mine = mask.data[layer * count + at] ** sharpness;
      return mine / Math.max(mine + other.data[layer * count + at] ** sharpness, 1e-9);
    };
    const here = Math.max(share(own), 1e-3);
    const shares = Float32Array.from({ length: count }, (_, at) => Math.min(1, share(at) / here));
    shares.forEach((each, at) => (mask.data[layer * count + at] *= each));
  }
}

async function sharpened(shares, lightness) {
  const coarse = average(lightness, [shares.height, shares.width]);
  const lines = await fitted(coarse, shares);
  const [slope, offset] = lines.map((each) => linear(each, [lightness.height, lightness.width]).data);
  const pixels = lightness.data.length;
  return slope.map((each, k) => Math.min(1, Math.max(0, each * lightness.data[k % pixels] + offset[k])));
}

// Slope and offset of planes as linear functions of L*.
export async function fitted(lightness, planes) {
  const { height, width, count } = planes;
  const inputs = { lightness: tensor(lightness.data, [height, width]), planes: tensor(planes.data, [count, height, width]) };
  const { slope, offset } = await run("lines", inputs, ["slope", "offset"]);
  return [slope, offset].map(({ data }) => plane(height, width, count, data));
}

// Chroma between dots, by their masks and their distance (Shepard 1968).
function interpolated(masks, dots, side, nearest) {
  const count = side * side;
  const found = plane(side, side, 2);
  for (let at = 0; at < count; at++) {
    const [y, x] = [(Math.floor(at / side) + 0.5) / side, ((at % side) + 0.5) / side];
    let total = 0;
    dots.forEach(({ place, chroma }, k) => {
      const apart = (x - place[0]) ** 2 + (y - place[1]) ** 2 + nearest ** 2;
      const weight = masks[k].data[at] ** 2 / apart + 1e-6;
      total += weight;
      for (const c of [0, 1]) found.data[c * count + at] += weight * chroma[c];
    });
    for (const c of [0, 1]) found.data[c * count + at] /= total;
  }
  return found;
}
