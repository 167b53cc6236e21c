// Lightness of pixels, and pixels of lightness and chroma; see retint/color/lab.py.

const LEVELS = 65535;

const linearOf = (c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92);
const gammaOf = (c) => (c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : 12.92 * c);

export class Lab {
  constructor(facts) {
    this.facts = facts;
    this.linear = Float32Array.from({ length: 256 }, (_, level) => linearOf(level / 255));
    this.levels = Uint8Array.from({ length: LEVELS + 1 }, (_, k) => gammaOf(k / LEVELS) * 255 + 0.5);
    this.greys = Float32Array.from({ length: 256 }, (_, level) => 116 * this.#f(this.linear[level]) - 16);
  }

  #f(ratio) {
    const { lineBelow, lineSlope, lineStart } = this.facts;
    return ratio > lineBelow ? Math.cbrt(ratio) : lineSlope * ratio + lineStart;
  }

  #inverse(f) {
    const { cubeAbove, lineSlope, lineStart } = this.facts;
    return f > cubeAbove ? f * f * f : (f - lineStart) / lineSlope;
  }

  // L* of RGBA bytes.
  lightness(pixels, found = new Float32Array(pixels.length / 4)) {
    const { linear, greys } = this;
    const [red, green, blue] = this.facts.xyzFromRgb[1];
    for (let k = 0, at = 0; k < found.length; k++, at += 4) {
      const [r, g, b] = [pixels[at], pixels[at + 1], pixels[at + 2]];
      found[k] = r === g && g === b ? greys[r] : 116 * this.#f(red * linear[r] + green * linear[g] + blue * linear[b]) - 16;
    }
    return found;
  }

  // The grey in [0, 1] of L*.
  grey(lightness) {
    return gammaOf(Math.min(1, Math.max(0, this.#inverse((lightness + 16) / 116))));
  }

  // L*, a*, b* of sRGB in [0, 1].
  labOf(rgb) {
    const light = rgb.map(linearOf);
    const [x, y, z] = this.facts.xyzFromRgb.map((row, k) => {
      return this.#f((row[0] * light[0] + row[1] * light[1] + row[2] * light[2]) / this.facts.white[k]);
    });
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  }

  // Linear red, green and blue, into found.
  #linearOf(lightness, a, b, found) {
    const fy = (lightness + 16) / 116;
    const x = this.#inverse(fy + a / 500);
    const y = this.#inverse(fy);
    const z = this.#inverse(fy - b / 200);
    const rows = this.facts.rgbFromRatios;
    for (let k = 0; k < 3; k++) found[k] = x * rows[k][0] + y * rows[k][1] + z * rows[k][2];
  }

  #isOutside([r, g, b]) {
    const { gamutTolerance } = this.facts;
    return Math.min(r, g, b) < -gamutTolerance || Math.max(r, g, b) > 1 + gamutTolerance;
  }

  // The largest share of the chroma inside sRGB; found gets the linear light with that share.
  shareInGamut(lightness, a, b, found = [0, 0, 0]) {
    this.#linearOf(lightness, a, b, found);
    if (!this.#isOutside(found)) return 1;
    let [share, step] = [0, 0.5];
    for (let k = 0; k < this.facts.gamutSteps; k++, step /= 2) {
      this.#linearOf(lightness, (share + step) * a, (share + step) * b, found);
      if (!this.#isOutside(found)) share += step;
    }
    this.#linearOf(lightness, share * a, share * b, found);
    return share;
  }

  // Writes RGB bytes at a place of found.
  merge(lightness, a, b, found, at, light) {
    this.shareInGamut(lightness, a, b, light);
    for (let k = 0; k < 3; k++) found[at + k] = this.levels[Math.min(1, Math.max(0, light[k])) * LEVELS + 0.5 | 0];
  }

  // Chroma after the HSV saturation of a color is multiplied.
  saturated(lightness, a, b, factor, light) {
    this.shareInGamut(lightness, a, b, light);
    const rgb = light.map((c) => gammaOf(Math.min(1, Math.max(0, c))));
    const value = Math.max(...rgb);
    const growth = Math.min(factor, value / Math.max(value - Math.min(...rgb), 1e-6));
    return this.labOf(rgb.map((c) => value - (value - c) * growth)).slice(1);
  }

  // "#rrggbb" of L* and chroma.
  hex(lightness, [a, b]) {
    const found = [0, 0, 0];
    this.merge(lightness, a, b, found, 0, [0, 0, 0]);
    return `#${found.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
  }
}
