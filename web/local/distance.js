// Distances of pixels from hints.

const [BESIDE, DIAGONAL] = [0.955, 1.3693];

// Of each pixel from the nearest one of a mask, as OpenCV's chamfer distance with a 3 x 3 mask (Borgefors 1986).
function chamfer(mask, height, width) {
  const found = Float32Array.from(mask, (inside) => (inside ? 0 : Infinity));
  const pass = (y, x, step) => {
    const at = y * width + x;
    const nearer = (dy, dx, cost) => {
      if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) return;
      const through = found[at + dy * width + dx] + cost;
      if (through < found[at]) found[at] = through;
    };
    nearer(0, -step, BESIDE);
    nearer(-step, 0, BESIDE);
    nearer(-step, -step, DIAGONAL);
    nearer(-step, step, DIAGONAL);
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pass(y, x, 1);
  for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) pass(y, x, -1);
  return found;
}

// How far each pixel is from hints, from 0 to 1.
export function unknown(mask, height, width, reach) {
  const scale = reach * Math.min(height, width);
  return chamfer(mask, height, width).map((each) => 1 - Math.exp(-each / scale));
}

// The exact distance of each pixel from the nearest one of a mask (Felzenszwalb & Huttenlocher 2012).
export function distances(mask, height, width) {
  const squares = Float64Array.from(mask, (inside) => (inside ? 0 : Infinity));
  for (let x = 0; x < width; x++) lowest(squares, x, width, height);
  for (let y = 0; y < height; y++) lowest(squares, y * width, 1, width);
  return Float32Array.from(squares, Math.sqrt);
}

// Replaces values by the lower envelope of the parabolas that stand on them.
function lowest(values, start, step, length) {
  const own = Float64Array.from({ length }, (_, k) => values[start + k * step]);
  const places = []; // of the parabolas of the envelope
  const begins = []; // from where on each is the lowest
  for (let k = 0; k < length; k++) {
    if (own[k] === Infinity) continue;
    let begin = -Infinity;
    while (places.length) {
      const last = places.at(-1);
      begin = (own[k] + k * k - own[last] - last * last) / (2 * (k - last));
      if (begin > begins.at(-1)) break;
      places.pop();
      begins.pop();
      begin = -Infinity;
    }
    places.push(k);
    begins.push(begin);
  }
  for (let k = 0, at = 0; k < length && places.length; k++) {
    while (at + 1 < places.length && begins[at + 1] < k) at++;
    values[start + k * step] = (k - places[at]) ** 2 + own[places[at]];
  }
}
