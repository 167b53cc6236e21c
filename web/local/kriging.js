// Spreads the differences between hints and a prediction; see retint/colorizers/parts/kriging.py.

import { average, linear, plane } from "./planes.js";

// Corrects a prediction, planes of a* and b*, with the hints that it was made with.
export function corrected(answer, lightness, hints, facts) {
  const known = gathered(answer, lightness, hints, facts);
  if (!known.length) return answer;
  const { height, width } = lightness;
  const near = facts.reach * Math.min(height, width);
  const scaled = known.map(({ y, x, level }) => [y / near, x / near, level / facts.alike]);
  const among = scaled.map((one, k) => scaled.map((other, j) => covariance(one, other) + (k === j ? facts.noise : 0)));
  const weights = solved(among, known.map(({ errors }) => errors));
  const { coarse } = facts;
  const small = average(lightness, [Math.ceil(height / coarse), Math.ceil(width / coarse)]);
  const added = plane(small.height, small.width, 2);
  const count = small.height * small.width;
  for (let at = 0; at < count; at++) {
    const place = (k) => (k * coarse + (coarse - 1) / 2) / near;
    const here = [place(Math.floor(at / small.width)), place(at % small.width), small.data[at] / facts.alike];
    for (let k = 0; k < scaled.length; k++) {
      const share = covariance(here, scaled[k]);
      added.data[at] += share * weights[k][0];
      added.data[count + at] += share * weights[k][1];
    }
  }
  const correction = linear(added, [height, width]);
  return { ...answer, data: answer.data.map((each, at) => each + correction.data[at]) };
}

const covariance = (a, b) => Math.exp(-((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) / 2);

// Places, L* and errors, one for each color in each square.
function gathered(answer, lightness, hints, { cell, most }) {
  const { height, width, data } = hints;
  const count = height * width;
  for (let side = cell; ; side *= 2) {
    const groups = new Map();
    for (let at = 0; at < count; at++) {
      if (!data[2 * count + at]) continue;
      const [y, x] = [Math.floor(at / width), at % width];
      const [a, b] = [data[at], data[count + at]];
      const key = `${Math.floor(y / side)} ${Math.floor(x / side)} ${a} ${b}`;
      const group = groups.get(key) ?? { y: 0, x: 0, level: 0, errors: [0, 0], size: 0 };
      group.y += y;
      group.x += x;
      group.level += lightness.data[at];
      group.errors[0] += a - answer.data[at];
      group.errors[1] += b - answer.data[count + at];
      group.size++;
      groups.set(key, group);
    }
    if (groups.size <= most || side > Math.max(height, width)) {
      return [...groups.values()].map(({ y, x, level, errors, size }) => ({
        y: y / size, x: x / size, level: level / size, errors: errors.map((each) => each / size),
      }));
    }
  }
}

// Solves a symmetric system for several right sides (Cholesky).
function solved(matrix, rights) {
  const size = matrix.length;
  const low = matrix.map((row) => row.slice());
  for (let j = 0; j < size; j++) {
    for (let k = 0; k < j; k++) low[j][j] -= low[j][k] ** 2;
    low[j][j] = Math.sqrt(low[j][j]);
    for (let i = j + 1; i < size; i++) {
      for (let k = 0; k < j; k++) low[i][j] -= low[i][k] * low[j][k];
      low[i][j] /= low[j][j];
    }
  }
  const found = rights.map((row) => row.slice());
  for (const column of [0, 1]) {
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < i; k++) found[i][column] -= low[i][k] * found[k][column];
      found[i][column] /= low[i][i];
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let k = i + 1; k < size; k++) found[i][column] -= low[k][i] * found[k][column];
      found[i][column] /= low[i][i];
    }
  }
  return found;
}
