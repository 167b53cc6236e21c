import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Picture, setMethods } from "../static/document.js";
import * as framing from "../static/framing.js";
import { loadOptions } from "./load.mjs";

before(loadOptions);

test("a picture that is not changed asks for nothing", () => {
  assert.deepEqual(framing.fields({}), {});
  assert.equal(framing.describe({}), "as it is");
  assert.deepEqual(framing.fields({ turn: "90", straighten: 0, crop: "" }), { turn: "90" });
  assert.equal(framing.describe({ turn: "90", straighten: -1.5, crop: "0%,0%,50%,50%" }), "turned by 90°, straightened by -1.5°, cropped");
});

test("four turns are none, for the picture and a part of it", () => {
  let [turn, part] = ["off", { x: 10, y: 20, width: 30, height: 40 }];
  const turns = [];
  for (let k = 0; k < 4; k++) {
    [turn, part] = [framing.nextTurn(turn), framing.turnedPart(part)];
    turns.push(turn);
  }
  assert.deepEqual(turns, ["90", "180", "270", "off"]);
  assert.deepEqual(part, { x: 10, y: 20, width: 30, height: 40 });
  assert.deepEqual(framing.turnedPart({ x: 0, y: 0, width: 50, height: 20 }), { x: 80, y: 0, width: 20, height: 50 });
});

test("a part is written in percent and stays inside", () => {
  assert.equal(framing.cropOf({ x: 0, y: 0, width: 100, height: 100 }), "");
  assert.equal(framing.cropOf({ x: 10.123, y: 20, width: 200, height: 0 }), "10.12%,20%,89.88%,2%");
  assert.deepEqual(framing.partOf("10.12%,20%,89.88%,2%"), { x: 10.12, y: 20, width: 89.88, height: 2 });
  assert.deepEqual(framing.partOf(""), { x: 0, y: 0, width: 100, height: 100 });
});

test("a straightened picture has the same proportions without its corners", () => {
  const [width, height] = framing.innerSize([300, 200], -5);
  assert.ok(Math.abs(width / height - 1.5) < 1e-9);
  const angle = (5 * Math.PI) / 180;
  assert.ok(Math.abs(width * Math.sin(angle) + height * Math.cos(angle) - 200) < 1e-9);
  assert.deepEqual(framing.turnedSize([300, 200], "270"), [200, 300]);
});

test("only the file is turned and cropped, the network sees it as it is turned", async () => {
  setMethods([{ name: "unet", hints: false, options: [] }]);
  const state = { method: "unet", shapes: [], turn: "90", straighten: 2, crop: "0%,0%,50%,50%" };
  const picture = new Picture(new File(["x"], "a.jpg"), state);
  const { upright, turn, straighten, crop } = await picture.wish(state, { size: "file" });
  assert.deepEqual([upright, turn, straighten, crop], ["90", "90", 2, "0%,0%,50%,50%"]);
  const shown = await picture.wish(state);
  assert.deepEqual([shown.upright, shown.turn, shown.straighten, shown.crop], ["90", undefined, undefined, undefined]);
  picture.change({ turn: "off" });
  picture.undo();
  assert.equal(picture.state.turn, "90");
});
