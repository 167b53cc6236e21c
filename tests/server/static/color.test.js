import assert from "node:assert/strict";
import { test } from "node:test";

import { colorAtLightness, hexOf, labOf, loadNames, nameOf, readColor, rgbOf, USUAL } from "../static/color.js";

const chroma = ([, a, b]) => Math.hypot(a, b);

test("a colour is the same after it was taken apart", () => {
  for (const hex of ["#000000", "#ffffff", "#0a0b0c", "#87a9cf"]) assert.equal(hexOf(rgbOf(hex)), hex);
  assert.equal(hexOf([-3, 127.6, 300]), "#0080ff");
});

test("a colour stays as it is at its own lightness", () => {
  for (const [hex] of [...USUAL, ["#ff0000"], ["#00ff00"], ["#0000ff"], ["#ffffff"], ["#000000"]]) {
    assert.deepEqual(colorAtLightness(hex, labOf(hex)[0]), { color: hex, lost: false });
  }
});

test("chroma that the lightness does not allow is lowered at constant hue", () => {
  const lightness = 20;
  const { color, lost } = colorAtLightness("#ffff00", lightness);
  const [before, after] = [labOf("#ffff00"), labOf(color)];
  assert.equal(lost, true);
  assert.ok(Math.abs(after[0] - lightness) < 1);
  assert.ok(chroma(after) < chroma(before) / 2);
  const hue = ([, a, b]) => Math.atan2(b, a);
  assert.ok(Math.abs(hue(after) - hue(before)) < 0.06);
});

test("grey is lost where it becomes much lighter, not a little", () => {
  const [lightness] = labOf("#808080");
  assert.equal(colorAtLightness("#808080", lightness + 10).lost, false);
  assert.equal(colorAtLightness("#808080", lightness + 30).lost, true);
});

test("a colour is lost where it becomes much paler, not a little", () => {
  const [lightness] = labOf("#0000ff");
  assert.equal(colorAtLightness("#0000ff", lightness + 1).lost, false);
  assert.equal(colorAtLightness("#0000ff", lightness + 20).lost, true);
});

test("names are those of the list, nearest first, once it has come", async (t) => {
  assert.equal(nameOf("#2f3e63"), "navy");
  assert.equal(nameOf("#123456"), "");
  const list = { "dusty rose": "#c08081", "dark grey": "#363737" };
  t.mock.method(globalThis, "fetch", async () => Response.json(list));
  assert.deepEqual((await loadNames()).map(({ name }) => name), Object.keys(list));
  await loadNames();
  assert.equal(fetch.mock.callCount(), 1);
  assert.equal(nameOf("#c08485"), "dusty rose");
  assert.equal(nameOf("#2f3e63"), "navy");
});

test("a colour is read from its name or its digits", (t) => {
  const context = { style: "#000000", set fillStyle(text) { if (text.startsWith("#")) this.style = text; }, get fillStyle() { return this.style; } };
  globalThis.OffscreenCanvas = class { getContext = () => context; };
  t.after(() => delete globalThis.OffscreenCanvas);
  assert.equal(readColor(" Dark Gray "), "#363737");
  assert.equal(readColor("#ABCDEF"), "#abcdef");
  assert.equal(readColor("nonsense"), null);
});
