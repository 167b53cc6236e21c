// Distances of pixels from hints; OpenCV's chamfer distance with a 3 x 3 mask (Borgefors 1986).

const [BESIDE, DIAGONAL] = [0.955, 1.3693];

// Of each pixel from the nearest one of a mask.
export function distances(mask, height, width) {
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
  return distances(mask, height, width).map((each) => 1 - Math.exp(-each / scale));
}
