// The main choice: natural, vivid, or four variants.

import { $, button, make } from "./dom.js";
import { complain } from "./notices.js";
import { sampled } from "./options.js";

export const VIVID = "hybrid";
const FOUR = 4;

let asked = 0;

export function start({ current, natural, known, choose }) {
  for (const radio of document.querySelectorAll("[name=way]")) {
    radio.addEventListener("change", () => {
      if (radio.value === "four") propose(current(), choose).catch((error) => complain(error, current().name));
      else {
        asked++; // ignore outstanding variants
        choose({ method: radio.value === "vivid" ? VIVID : natural(), seed: 0 });
      }
    });
  }
  $("way-vivid").disabled = !known(VIVID);
  $("way-four").disabled = !known(sampled());
}

export function tell({ method, seed }, natural) {
  const way = method === natural ? "natural" : method === VIVID ? "vivid" : method === sampled() ? "four" : "";
  for (const radio of document.querySelectorAll("[name=way]")) radio.checked = radio.value === way;
  for (const each of $("proposals").children) {
    each.ariaPressed = method === sampled() && Number(each.dataset.seed) === seed;
  }
}

// Another picture has its own variants; outstanding ones are ignored.
export function clear() {
  asked++;
  $("proposals").replaceChildren();
}

async function propose(picture, choose) {
  const own = ++asked;
  const strip = $("proposals");
  strip.replaceChildren(...Array.from({ length: FOUR }, () => make("span", { className: "to-come" })));
  for (let k = 0; k < FOUR; k++) {
    const seed = k + 1;
    const blob = await picture.colored({ ...picture.state, method: sampled(), seed }, { patient: true });
    if (own !== asked) return;
    const proposal = button("", {
      data: { seed },
      ariaLabel: `Variant ${seed}`,
      ariaPressed: "false",
      on: { click: () => choose({ method: sampled(), seed }) },
    });
    proposal.append(make("img", { alt: "", src: URL.createObjectURL(blob) }));
    strip.children[k].replaceWith(proposal);
  }
}
