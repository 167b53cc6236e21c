// Says which way is up; see retint/colorizers/parts/upright.py.

import { recognized } from "./guided.js";
import { run } from "./networks.js";
import { turned } from "./planes.js";

const TURNS = [0, 1, 2, 3];

// Quarter turns clockwise by which the method sees L*; first: what the recognizer finds in it.
export async function turnOf(lightness, first, upright, lab, { recognizer, upright: facts }) {
  if (upright !== "auto") return (Number(upright) || 0) / 90;
  const shares = [await likely(first, recognizer)];
  if (shares[0][0] > facts.likely) return 0;
  for (const turn of TURNS.slice(1)) {
    shares.push(await likely(await recognized(turned(lightness, turn), lab, recognizer), recognizer));
  }
  const found = combined(shares, facts.leastLikely);
  const best = found.indexOf(Math.max(...found));
  return found[best] > facts.sure ? best : 0;
}

// Probabilities that a picture needs 0, 1, 2, 3 quarter turns.
async function likely(found, { layers }) {
  const { scores } = await run("upright", Object.fromEntries(layers.map((name) => [name, found[name]])), ["scores"]);
  return softmax([...scores.data]);
}

function softmax(scores) {
  const most = Math.max(...scores);
  const shares = scores.map((each) => Math.exp(each - most));
  const total = shares.reduce((sum, each) => sum + each, 0);
  return shares.map((each) => each / total);
}

// Of a picture from those of its four turns, as geometric means.
export function combined(shares, leastLikely) {
  return softmax(TURNS.map((turn) => {
    const logs = TURNS.map((seen) => Math.log(Math.max(shares[seen][(turn - seen + 4) % 4], leastLikely)));
    return logs.reduce((sum, each) => sum + each, 0) / TURNS.length;
  }));
}
