// Pictures as pixels: decoded by the browser, worked on in stripes, and encoded again.

import { checkSize, headerOf, Unreadable } from "./header.js";
import { narrower, plane, shrink } from "./planes.js";

const STRIPE = 1 << 18; // pixels

// The decoded picture, upright and in sRGB, and its format.
export async function decoded(file, mostPixels) {
  const { format } = await headerOf(file, mostPixels);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    const what = format === "HEIC" ? "this browser does not read HEIC files" : `this browser cannot read the file${format && ` as ${format}`}; it may be damaged`;
    throw new Unreadable(`${what}; use the installed program, or save it as JPEG`);
  }
  try {
    checkSize(bitmap, mostPixels);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  return { bitmap, format: format || "BMP" };
}

export function canvasOf(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new RangeError("no memory for a canvas");
  context.imageSmoothingQuality = "high";
  return { canvas, context };
}

// Calls work(pixels, first row, rows) for stripes of rows; what it returns, if anything, is not used.
export function byStripes(bitmap, work) {
  const { width, height } = bitmap;
  const most = Math.max(1, Math.min(height, Math.floor(STRIPE / width)));
  const { context } = canvasOf(width, most);
  for (let top = 0; top < height; top += most) {
    const rows = Math.min(most, height - top);
    context.clearRect(0, 0, width, most);
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    work(context.getImageData(0, 0, width, rows), top, rows);
  }
}

// L* at a smaller size, and whether the picture has any color.
export function shrunk(bitmap, [toHeight, toWidth], lab) {
  const { width, height } = bitmap;
  const isLarger = width * height > toWidth * toHeight;
  const all = plane(height, isLarger ? toWidth : width);
  const narrow = isLarger ? narrower(width, toWidth) : null;
  let colored = false;
  let lightness = new Float32Array(0);
  byStripes(bitmap, ({ data }, top, rows) => {
    colored ||= hasColor(data);
    if (lightness.length !== rows * width) lightness = new Float32Array(rows * width);
    lab.lightness(data, lightness);
    if (narrow) narrow(lightness, all.data.subarray(top * toWidth), rows);
    else all.data.set(lightness, top * width);
  });
  return { small: shrink(all, [toHeight, toWidth]), colored };
}

function hasColor(data) {
  for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return true;
  return false;
}

// Width and height of a picture reduced to so many pixels.
export function reduced({ width, height }, most) {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  return [width, height].map((side) => Math.max(1, Math.round(side * scale)));
}

// Merges the lightness of a picture with chroma: lines are slope and offset at the working size. Returns a canvas.
export function merged(bitmap, lines, saturation, lab) {
  const { width, height } = bitmap;
  const { canvas, context } = canvasOf(width, height);
  const enlarged = enlarger(lines, width, height);
  const light = [0, 0, 0];
  let lightness = new Float32Array(0);
  byStripes(bitmap, (pixels, top, rows) => {
    const { data } = pixels;
    if (lightness.length !== rows * width) lightness = new Float32Array(rows * width);
    lab.lightness(data, lightness);
    for (let row = 0; row < rows; row++) {
      const [slopeA, slopeB, offsetA, offsetB] = enlarged(top + row);
      for (let x = 0; x < width; x++) {
        const at = row * width + x;
        const level = lightness[at];
        let a = slopeA[x] * level + offsetA[x];
        let b = slopeB[x] * level + offsetB[x];
        if (saturation !== 1) [a, b] = lab.saturated(level, a, b, saturation, light);
        lab.merge(level, a, b, data, 4 * at, light);
      }
    }
    context.putImageData(pixels, 0, top);
  });
  return canvas;
}

// Rows of the lines at full size: columns are enlarged once, rows when they are needed.
function enlarger([slope, offset], width, height) {
  const planes = [0, 1].flatMap((c) => [slope, offset].map((each) => [c, each])).sort(([, a], [, b]) => (a === b ? 0 : a === slope ? -1 : 1));
  const wide = planes.map(([c, each]) => wideRows(each, c, width));
  const found = planes.map(() => new Float32Array(width));
  const { height: rows } = slope;
  return (y) => {
    const centre = ((y + 0.5) * rows) / height - 0.5;
    const place = Math.floor(centre);
    const share = centre - place;
    const [above, below] = [place, place + 1].map((each) => Math.min(rows - 1, Math.max(0, each)) * width);
    wide.forEach((values, k) => {
      const row = found[k];
      for (let x = 0; x < width; x++) row[x] = values[above + x] + share * (values[below + x] - values[above + x]);
    });
    return found;
  };
}

function wideRows({ data, height, width }, c, toWidth) {
  const found = new Float32Array(height * toWidth);
  const from = data.subarray(c * height * width, (c + 1) * height * width);
  for (let x = 0; x < toWidth; x++) {
    const centre = ((x + 0.5) * width) / toWidth - 0.5;
    const place = Math.floor(centre);
    const share = centre - place;
    const [left, right] = [place, place + 1].map((each) => Math.min(width - 1, Math.max(0, each)));
    for (let y = 0; y < height; y++) {
      const [one, other] = [from[y * width + left], from[y * width + right]];
      found[y * toWidth + x] = one + share * (other - one);
    }
  }
  return found;
}

// A canvas reduced to a longest side; the same if it is small enough or there is none.
export function limited(canvas, longest) {
  const scale = longest ? longest / Math.max(canvas.width, canvas.height) : 1;
  if (scale >= 1) return canvas;
  const [width, height] = [canvas.width, canvas.height].map((side) => Math.max(1, Math.round(side * scale)));
  const smaller = canvasOf(width, height);
  smaller.context.drawImage(canvas, 0, 0, width, height);
  return smaller.canvas;
}

// Levels in [0, 1] as a grey picture.
export async function greyPicture({ data, height, width }) {
  const { canvas, context } = canvasOf(width, height);
  const pixels = context.createImageData(width, height);
  data.forEach((each, k) => pixels.data.set([255 * each + 0.5, 255 * each + 0.5, 255 * each + 0.5, 255], 4 * k));
  context.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
