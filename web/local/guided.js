// The default method: encoder and recognizer once per picture, decoder once per set of hints; see
// retint/colorizers/guided_unet.py.

import { unknown } from "./distance.js";
import { corrected } from "./kriging.js";
import { run, tensor } from "./networks.js";
import { average, cubic, filled, linear, mirrored, plane, withMirror } from "./planes.js";
import { Finder, spread } from "./things.js";

const MAPS = ["map2", "map4", "map8", "map16", "map32"];
const kept = (name) => name.replace("map", "kept");
const PERCENT = 100;

// What the recognizer finds in L*: tokens, predicted, its layers, and what is probably skin.
export async function recognized(lightness, lab, { side, layers }) {
  const grey = filled(lightness.height, lightness.width, (k) => lab.grey(lightness.data[k]));
  const square = (Math.min(grey.height, grey.width) > side ? average : cubic)(grey, [side, side]);
  const found = await run("semantics", { grey: tensor(square.data, [1, 1, side, side]) }, ["tokens", "predicted", ...layers]);
  const seen = Object.fromEntries(layers.map((name) => [name, found[name]]));
  return { ...found, ...(await run("skin", seen, ["skin"])) };
}

export class Look {
  #maps = null;
  #alone = null; // what the decoder says without hints
  #answered = null; // the features behind the last answer
  #finder = null;

  // L* of an accepted size, and what the recognizer finds in it.
  constructor(lightness, found, lab, facts) {
    Object.assign(this, { lightness, found, lab, facts });
  }

  // Planes of a* and b*; hints are planes of a*, b*, and 1 where there is one, or null.
  async chroma(hints) {
    const { lightness, facts } = this;
    const far = this.#far(hints);
    const told = await this.#told(hints, far);
    this.#alone ??= hints ? await this.#told(null, this.#far(null)) : told;
    const { tokens, predicted, skin } = this.found;
    const inputs = { lightness: tensor(lightness.data, this.#shape), told, alone: this.#alone, tokens, predicted, skin, far };
    const { evened } = await run("evened", inputs, ["evened"]);
    const answer = plane(lightness.height, lightness.width, 2, evened.data);
    return hints ? corrected(answer, lightness, hints, facts.kriging) : answer;
  }

  // Where dots color their things, as of things.js.
  async spread(dots) {
    const { lightness, lab, facts } = this;
    if (!this.#finder) {
      const layers = Object.fromEntries(facts.recognizer.layers.map((name) => [name, this.found[name]]));
      this.#finder = await Finder.of(layers, lightness, lab, facts.things);
    }
    return spread(this.#finder, dots, lightness);
  }

  // The network's confidence, from 0 to 1.
  async certainty(hints) {
    const mean = await this.#mean((await this.#decoded(hints)).quarter, "scored", "kept_quarter");
    const { height, width, data } = mean;
    const third = plane(height, width, 1, data.subarray(2 * height * width));
    const found = linear(third, [this.lightness.height, this.lightness.width]);
    found.data.forEach((each, k) => (found.data[k] = Math.min(1, Math.max(0, each))));
    return found;
  }

  // Probabilities of colors around a pixel.
  async scoresAt(row, column) {
    const { quarter } = await this.#decoded(null);
    const { data, height, width } = meanOfPair(quarter);
    const channels = quarter.dims[1];
    const step = this.lightness.height / height;
    const around = (k, length) => [Math.max(0, Math.floor(k / step) - 1), Math.min(length, Math.floor(k / step) + 2)];
    const [[top, bottom], [left, right]] = [around(row, height), around(column, width)];
    const cells = [];
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
      for (let c = 0; c < channels; c++) cells.push(data[(c * height + y) * width + x]);
    }
    const { shares } = await run("scores", { cells: tensor(Float32Array.from(cells), [cells.length / channels, channels]) }, ["shares"]);
    return shares.data;
  }

  get #shape() {
    return [this.lightness.height, this.lightness.width];
  }

  // How far each pixel is from hints.
  #far(hints) {
    const [height, width] = this.#shape;
    const count = height * width;
    const mask = hints?.data.subarray(2 * count);
    const far = mask?.some(Boolean) ? unknown(mask, height, width, this.facts.hints.far) : new Float32Array(count).fill(1);
    return tensor(far, this.#shape);
  }

  async #told(hints, far) {
    const { chroma } = await this.#decoded(hints);
    return (await run("told", { chroma, far }, ["told"])).told;
  }

  async #decoded(hints) {
    const [height, width] = this.#shape;
    if (this.#answered?.hints === hints) return this.#answered.found;
    this.#maps ??= await this.#encoded();
    const planes = plane(height, width, 3);
    hints?.data.forEach((each, k) => (planes.data[k] = k < 2 * height * width ? each / PERCENT : each));
    const inputs = { ...this.#maps, hints: tensor(withMirror(planes), [2, 3, height, width]) };
    const found = await run("guided-unet", inputs, ["chroma", "quarter"]);
    this.#answered = { hints, found };
    return found;
  }

  async #encoded() {
    const scaled = { ...this.lightness, count: 1, data: this.lightness.data.map((each) => each / PERCENT) };
    const maps = await run("guided-unet", { lightness: tensor(withMirror(scaled), [2, 1, ...this.#shape]) }, MAPS);
    return Object.fromEntries(MAPS.map((name) => [kept(name), maps[name]]));
  }

  async #mean(features, output, input) {
    return meanOfPair((await run("guided-unet", { [input]: features }, [output]))[output]);
  }
}

// The mean for a picture and its mirror image.
function meanOfPair({ data, dims: [, channels, height, width] }) {
  const half = channels * height * width;
  const other = mirrored(plane(height, width, channels, data.subarray(half)));
  return plane(height, width, channels, Float32Array.from({ length: half }, (_, k) => (data[k] + other.data[k]) / 2));
}
