// Changes chroma as a look and the option warmth say; see retint/picture/grading.py.

import { plane } from "./planes.js";

const RADIANS = Math.PI / 180;

const smooth = (share) => {
  const within = Math.min(1, Math.max(0, share));
  return within * within * (3 - 2 * within);
};
export const ramp = (value, low, high) => smooth((value - low) / (high - low));

// How much a hue in degrees belongs to a range.
function shareOf(angle, { middle, reach }) {
  const apart = Math.abs(((((angle - middle + 180) % 360) + 360) % 360) - 180);
  return smooth(1 - apart / reach);
}

// The grading of a look with more warmth; null if it changes nothing.
export function gradingOf(look, warmth) {
  const found = { ...look, warmth: Math.min(1, look.warmth + warmth) };
  const changes = found.gain !== 1 || found.warmth || found.bands.length || found.dyes.length || found.dark !== 1;
  return changes || [...found.shadows, ...found.lights].some(Boolean) ? found : null;
}

// Planes of a* and b* of a picture with L*.
export function graded(lightness, chroma, grading, facts) {
  const { height, width } = lightness;
  const count = height * width;
  let found = warmed(lightness, chroma, grading.warmth, facts);
  if (grading.dyes.length) found = painted(lightness, found, grading.dyes, facts);
  for (let at = 0; at < count; at++) {
    const level = lightness.data[at];
    let [length, angle] = polar(found.data[at], found.data[count + at]);
    let [gain, turn] = [grading.gain, 0];
    const shares = grading.bands.map(({ hues }) => shareOf(angle, hues));
    grading.bands.forEach((band, k) => {
      gain *= 1 + shares[k] * (band.gain - 1);
      turn += shares[k] * band.turn;
    });
    if (grading.dark !== 1) gain *= grading.dark + (1 - grading.dark) * ramp(level, facts.black, facts.dim);
    length *= gain;
    grading.bands.forEach((band, k) => (length += shares[k] * (limited(length, band.most, facts.knee) - length)));
    length = limited(length, grading.most, facts.knee);
    const share = Math.min(1, Math.max(0, level / 100));
    const bell = 4 * share * (1 - share);
    const tint = (k) => bell * ((1 - share) * grading.shadows[k] + share * grading.lights[k]);
    const hue = (angle + turn) * RADIANS;
    found.data[at] = length * Math.cos(hue) + tint(0);
    found.data[count + at] = length * Math.sin(hue) + tint(1);
  }
  return found;
}

function polar(a, b) {
  const angle = Math.atan2(b, a) / RADIANS;
  return [Math.hypot(a, b), angle < 0 ? angle + 360 : angle];
}

// Chroma that approaches a limit; below the knee it is unchanged.
function limited(length, most, knee) {
  const [start, room] = [knee * most, (1 - knee) * most];
  return Math.min(length, start) + room * (1 - Math.exp(-Math.max(length - start, 0) / room));
}

function warmed(lightness, chroma, warmth, facts) {
  const found = { ...chroma, data: chroma.data.slice() };
  if (!warmth) return found;
  const count = lightness.data.length;
  const hue = facts.warm.middle * RADIANS;
  for (let at = 0; at < count; at++) {
    const level = lightness.data[at];
    const [a, b] = [chroma.data[at], chroma.data[count + at]];
    const [length, angle] = polar(a, b);
    const gain = 1 + warmth * facts.warmGain * shareOf(angle, facts.warm) * ramp(level, facts.black, facts.dim);
    const faint = 1 / (1 + (length / facts.faint) ** 2);
    const fill = warmth * facts.warmFill * faint * ramp(level, 10, 30) * ramp(-level, -97, -85);
    found.data[at] = a * gain + fill * Math.cos(hue);
    found.data[count + at] = b * gain + fill * Math.sin(hue);
  }
  return found;
}

// Only the colors of the dyes, where the chroma has their hues.
function painted(lightness, chroma, dyes, facts) {
  const { height, width } = lightness;
  const count = height * width;
  const found = plane(height, width, 2);
  for (let at = 0; at < count; at++) {
    const level = lightness.data[at];
    const [length, angle] = polar(chroma.data[at], chroma.data[count + at]);
    for (const dye of dyes) {
      const share = shareOf(angle, dye.hues) * ramp(length, facts.leastDyed, facts.dyed)
        * ramp(level, dye.darkest, dye.darkest + facts.softEnds)
        * ramp(-level, -dye.lightest, facts.softEnds - dye.lightest);
      found.data[at] += share * dye.most * Math.cos(dye.color * RADIANS);
      found.data[count + at] += share * dye.most * Math.sin(dye.color * RADIANS);
    }
  }
  return blurred(found, facts.brush * Math.min(height, width));
}

// By a Gaussian, whose edges repeat the last pixel.
function blurred(planes, sigma) {
  const radius = Math.floor(Math.round(sigma * 8 + 1) / 2);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-(((k - radius) / sigma) ** 2) / 2));
  const total = weights.reduce((sum, each) => sum + each, 0);
  const { height, width, count } = planes;
  const once = (from, length, step, place) => from.map((_, at) => {
    const here = place(at);
    let sum = 0;
    for (let k = -radius; k <= radius; k++) {
      const there = Math.min(length - 1, Math.max(0, here + k));
      sum += weights[k + radius] * from[at + (there - here) * step];
    }
    return sum / total;
  });
  const across = once(planes.data, width, 1, (at) => at % width);
  return plane(height, width, count, once(across, height, width, (at) => Math.floor(at / width) % height));
}
