// Shows the detected damage over the picture.

import * as api from "./api.js";
import { $ } from "./dom.js";
import { MARKING } from "./tools.js";

const SHOWN = [40, 220, 90]; // green, which is rare in photographs

export async function show(picture) {
  const { repair, method } = picture.state;
  const blob = await picture.ask(async (id) => {
    const { left = null, damaged = null } = await picture.wish(picture.state);
    return api.specks(id, { repair, method, left, damaged });
  });
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  for (let k = 0; k < pixels.data.length; k += 4) pixels.data.set([...SHOWN, pixels.data[k] > 127 ? 255 : 0], k);
  context.putImageData(pixels, 0, 0);
  const shown = await canvas.convertToBlob();
  if (!areShown()) return; // hidden in the meantime
  URL.revokeObjectURL($("specks").src);
  $("specks").src = URL.createObjectURL(shown);
  $("specks").hidden = false;
}

// Shows the controls if repair is on.
export function render({ state }, tools) {
  $("repairing").hidden = !state.repair;
  if (state.repair) return;
  hide();
  if (MARKING.includes(tools.tool)) tools.tool = "dot";
}

export function hide() {
  $("specks").hidden = true;
  $("specks-shown").ariaPressed = "false";
}

export const areShown = () => $("specks-shown").ariaPressed === "true";
