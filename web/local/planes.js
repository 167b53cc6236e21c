// Planes of numbers: {data, height, width}, with count planes one after the other in data. Resizing is that of OpenCV.

const CUBIC = -0.75;

export const plane = (height, width, count = 1, data = new Float32Array(count * height * width)) => ({ data, height, width, count });

// Rounds halves to even numbers, as Python does.
export function rounded(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 ? below + 1 : below;
}

// The weights of a resized side: for each of its pixels the first pixel of the source, and the weights from there on.
function areas(length, target) {
  const scale = length / target;
  return Array.from({ length: target }, (_, k) => {
    const [start, stop] = [k * scale, Math.min(length, (k + 1) * scale)];
    const first = Math.floor(start + 1e-9);
    const last = Math.max(first + 1, Math.ceil(stop - 1e-9));
    const weights = [];
    for (let each = first; each < last; each++) weights.push((Math.min(stop, each + 1) - Math.max(start, each)) / scale);
    return [first, weights];
  });
}

function taps(length, target, weightsOf, before) {
  const scale = length / target;
  return Array.from({ length: target }, (_, k) => {
    const centre = (k + 0.5) * scale - 0.5;
    const place = Math.floor(centre);
    return [place - before, weightsOf(centre - place)];
  });
}
const lines = (length, target) => taps(length, target, (t) => [1 - t, t], 0);
const near = (t) => ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1;
const far = (t) => ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC;
function cubes(length, target) {
  return taps(length, target, (t) => {
    const weights = [far(t + 1), near(t), near(1 - t)];
    return [...weights, 1 - weights[0] - weights[1] - weights[2]];
  }, 1);
}

const clamp = (value, most) => Math.min(most, Math.max(0, value));

function resized({ data, height, width, count = 1 }, [toHeight, toWidth], weightsOf) {
  const across = weightsOf(width, toWidth);
  const down = weightsOf(height, toHeight);
  const narrow = new Float32Array(count * height * toWidth);
  for (let row = 0; row < count * height; row++) {
    for (let x = 0; x < toWidth; x++) {
      const [first, weights] = across[x];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * data[row * width + clamp(first + k, width - 1)];
      narrow[row * toWidth + x] = sum;
    }
  }
  const found = plane(toHeight, toWidth, count);
  for (let c = 0; c < count; c++) {
    for (let y = 0; y < toHeight; y++) {
      const [first, weights] = down[y];
      const to = (c * toHeight + y) * toWidth;
      for (let k = 0; k < weights.length; k++) {
        const from = (c * height + clamp(first + k, height - 1)) * toWidth;
        for (let x = 0; x < toWidth; x++) found.data[to + x] += weights[k] * narrow[from + x];
      }
    }
  }
  return found;
}

export const average = (planes, size) => resized(planes, size, areas);
export const linear = (planes, size) => resized(planes, size, lines);
export const cubic = (planes, size) => resized(planes, size, cubes);

// By averages to a smaller size, bicubic to a larger one.
export function shrink(planes, [height, width]) {
  const how = height * width > planes.height * planes.width ? cubic : average;
  const found = height === planes.height && width === planes.width ? { ...planes, data: planes.data.slice() } : how(planes, [height, width]);
  for (let k = 0; k < found.data.length; k++) found.data[k] = Math.min(100, Math.max(0, found.data[k]));
  return found;
}

// Adds rows of a wide plane, as they come, to a narrow one.
export function narrower(width, toWidth) {
  const across = areas(width, toWidth);
  return (from, to, rows) => {
    for (let row = 0; row < rows; row++) {
      for (let x = 0; x < toWidth; x++) {
        const [first, weights] = across[x];
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * from[row * width + first + k];
        to[row * toWidth + x] = sum;
      }
    }
  };
}

// Mirrored beyond the lower and the right edge, to a given size.
export function padded({ data, height, width, count = 1 }, [toHeight, toWidth]) {
  const reflected = (k, length) => {
    const place = k % (2 * length);
    return place < length ? place : 2 * length - 1 - place;
  };
  const found = plane(toHeight, toWidth, count);
  let at = 0;
  for (let c = 0; c < count; c++) {
    for (let y = 0; y < toHeight; y++) {
      const from = (c * height + reflected(y, height)) * width;
      for (let x = 0; x < toWidth; x++) found.data[at++] = data[from + reflected(x, width)];
    }
  }
  return found;
}

export function cropped({ data, width, height, count = 1 }, [toHeight, toWidth]) {
  const found = plane(toHeight, toWidth, count);
  for (let c = 0; c < count; c++) {
    for (let y = 0; y < toHeight; y++) {
      const from = (c * height + y) * width;
      found.data.set(data.subarray(from, from + toWidth), (c * toHeight + y) * toWidth);
    }
  }
  return found;
}

// After so many quarter turns clockwise.
export function turned(planes, turn) {
  const times = ((turn % 4) + 4) % 4;
  return times ? turned(onceTurned(planes), times - 1) : planes;
}

function onceTurned({ data, height, width, count = 1 }) {
  const found = plane(width, height, count);
  let at = 0;
  for (let c = 0; c < count; c++) {
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < height; x++) found.data[at++] = data[(c * height + height - 1 - x) * width + y];
    }
  }
  return found;
}

export function mirrored({ data, height, width, count = 1 }) {
  const found = new Float32Array(data.length);
  for (let row = 0; row < count * height; row++) {
    for (let x = 0; x < width; x++) found[row * width + x] = data[row * width + width - 1 - x];
  }
  return plane(height, width, count, found);
}

// Planes and their mirror image as one array.
export function withMirror(planes) {
  const found = new Float32Array(2 * planes.data.length);
  found.set(planes.data);
  found.set(mirrored(planes).data, planes.data.length);
  return found;
}

// A plane for each pixel by a function of the index.
export const filled = (height, width, value) => plane(height, width, 1, Float32Array.from({ length: height * width }, (_, k) => value(k)));
