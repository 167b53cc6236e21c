// CIELAB colors (CIE 15:2018, for sRGB and D65) with the constants of retint/color/lab.py, and color names.

import { colorNames } from "./api.js";

const TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
const FROM_XYZ = [ // the inverse
  [3.2404813432, -1.5371515163, -0.4985363262],
  [-0.96925495, 1.8759900015, 0.0415559266],
  [0.0556466391, -0.2040413384, 1.0573110696],
];
const WHITE = [0.95047, 1, 1.08883];
const LINE_BELOW = 0.008856; // below this the cube root is replaced by a line, given by the next two
const LINE_SLOPE = 7.787;
const LINE_START = 16 / 116;
const CUBE_ABOVE = 0.2068966;
const GAMUT_STEPS = 10;
const GAMUT_TOLERANCE = 1e-4;
const SEEN = 12; // distance in a*b* at which a color visibly differs
const LIGHTER = 25; // the same in L*
export const USUAL = [
  ["#c68863", "skin"], ["#e3b590", "fair skin"], ["#7c4a2d", "brown skin"], ["#5d3a22", "brown hair"],
  ["#87a9cf", "sky"], ["#55703c", "grass"], ["#8a5a33", "wood"], ["#9c4a3a", "brick"],
  ["#2f3e63", "navy"], ["#8c2f39", "wine red"], ["#d9c08a", "straw"], ["#8a8a8a", "grey"],
];

const product = (matrix, v) => matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
const linear = (c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92);
const gamma = (c) => (c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : 12.92 * c);

export const rgbOf = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

export const hexOf = (rgb) =>
  `#${rgb.map((c) => Math.round(Math.min(255, Math.max(0, c))).toString(16).padStart(2, "0")).join("")}`;

export function labOf(hex) {
  const xyz = product(TO_XYZ, rgbOf(hex).map((c) => linear(c / 255)));
  const [x, y, z] = xyz.map((value, k) => {
    const ratio = value / WHITE[k];
    return ratio > LINE_BELOW ? Math.cbrt(ratio) : LINE_SLOPE * ratio + LINE_START;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function rgbOfLab([l, a, b]) {
  const fy = (l + 16) / 116;
  const xyz = [fy + a / 500, fy, fy - b / 200].map(
    (f, k) => WHITE[k] * (f > CUBE_ABOVE ? f ** 3 : (f - LINE_START) / LINE_SLOPE),
  );
  return product(FROM_XYZ, xyz);
}

const fits = (rgb) => rgb.every((c) => c >= -GAMUT_TOLERANCE && c <= 1 + GAMUT_TOLERANCE);

// A color at another lightness: the same hue, with as much chroma as possible.
export function colorAtLightness(hex, lightness) {
  const [l, a, b] = labOf(hex);
  let [low, high] = [0, 1];
  if (fits(rgbOfLab([lightness, a, b]))) low = 1;
  else for (let k = 0; k < GAMUT_STEPS; k++) {
    const share = (low + high) / 2;
    if (fits(rgbOfLab([lightness, share * a, share * b]))) low = share;
    else high = share;
  }
  const color = hexOf(rgbOfLab([lightness, low * a, low * b]).map((c) => 255 * gamma(Math.max(0, c))));
  return { color, lost: (1 - low) * Math.hypot(a, b) > SEEN || Math.abs(lightness - l) > LIGHTER };
}

let names = null;

// All color names, once they are loaded.
export async function loadNames() {
  names ??= Object.entries(await colorNames()).map(([name, color]) => ({ name, color, lab: labOf(color) }));
  return names;
}

// The name of a color: from this page, or from the list; "" until the names are loaded.
export function nameOf(hex) {
  const usual = USUAL.find(([color]) => color === hex);
  if (usual) return usual[1];
  const [l, a, b] = labOf(hex);
  let [best, least] = ["", Infinity];
  for (const { name, lab } of names ?? []) {
    const distance = (lab[0] - l) ** 2 + (lab[1] - a) ** 2 + (lab[2] - b) ** 2;
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

// Converts "dusty rose" or "#abc123" to "#rrggbb"; null if it is neither.
export function readColor(text) {
  const plain = text.trim().toLowerCase().replaceAll("gray", "grey");
  if (/^#[0-9a-f]{6}$/.test(plain)) return plain;
  const found = (names ?? []).find(({ name }) => name === plain);
  if (found) return found.color;
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = "#010203";
  context.fillStyle = plain;
  return /^#[0-9a-f]{6}$/.test(context.fillStyle) && context.fillStyle !== "#010203" ? context.fillStyle : null;
}
