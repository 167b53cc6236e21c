// Shows where the network was uncertain, with a legend, and where a hint helps most.

import * as api from "./api.js";
import { $, button } from "./dom.js";
import { anchor } from "./marks.js";
import { clampShare } from "./shapes.js";

const GUESS = [214, 48, 30]; // red for uncertain areas
const SURE = 0.5; // confidence from which nothing is tinted
const BARE = 0.22; // confidence up to which the tint is strongest
const MOST_RED = 190; // of 255
const CELLS = 12; // cells along the longer side
const NEAR = 0.12; // share of the picture within which an existing hint counts

export async function show(picture, onHelp) {
  const { method, shapes } = picture.state;
  const blob = await picture.ask(async (id) => {
    const { hints = null } = await picture.wish(picture.state);
    return api.confidence(id, { method, hints });
  });
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const place = mostHelpful(pixels, shapes);
  for (let k = 0; k < pixels.data.length; k += 4) {
    const doubt = (SURE - pixels.data[k] / 255) / (SURE - BARE);
    pixels.data.set([...GUESS, MOST_RED * Math.min(1, Math.max(0, doubt))], k);
  }
  context.putImageData(pixels, 0, 0);
  const shown = await canvas.convertToBlob();
  if ($("guesses").ariaPressed !== "true") return; // hidden in the meantime
  URL.revokeObjectURL($("map").src);
  $("map").src = URL.createObjectURL(shown);
  $("map").hidden = $("legend").hidden = false;
  mark(place, onHelp);
}

export function hide() {
  $("map").hidden = $("legend").hidden = true;
  $("helps").replaceChildren();
}

// The cell with the lowest confidence that has no hint nearby.
function mostHelpful({ data, width, height }, shapes) {
  const cell = Math.max(1, Math.round(Math.max(width, height) / CELLS));
  let [best, most] = [null, -1];
  for (let top = 0; top < height; top += cell) {
    for (let left = 0; left < width; left += cell) {
      let [sum, count] = [0, 0];
      for (let y = top; y < Math.min(top + cell, height); y += 3) {
        for (let x = left; x < Math.min(left + cell, width); x += 3, count++) sum += 255 - data[4 * (y * width + x)];
      }
      const place = {
        x: clampShare((left + cell / 2) / width),
        y: clampShare((top + cell / 2) / height),
      };
      const told = shapes.some((each) => Math.hypot(anchor(each).x - place.x, anchor(each).y - place.y) < NEAR);
      if (!told && sum / count > most) [best, most] = [place, sum / count];
    }
  }
  return best;
}

function mark(place, onHelp) {
  if (!place) return $("helps").replaceChildren();
  $("helps").replaceChildren(
    button("A hint here helps most", {
      className: "most-wanted",
      style: { left: `${100 * place.x}%`, top: `${100 * place.y}%` },
      on: { click: () => onHelp(place) },
    }),
  );
}
