// Variants of the diffusion method to choose from; only plausible ones are offered.

import * as api from "./api.js";
import { $, button, make } from "./dom.js";
import { complain, say } from "./notices.js";
import { sampled } from "./options.js";

const FOUR = 4;
const MOST_TRIED = 10; // seeds

let asked = 0;

// natural() returns the default method.
export function start({ current, natural, known, choose }) {
  $("variants").disabled = !known(sampled());
  $("variants").addEventListener("click", () => {
    if (current().state.method !== sampled()) {
      return propose(current(), choose).catch((error) => complain(error, current()?.name));
    }
    clear();
    choose({ method: natural(), seed: 0 });
  });
}

export function tell({ method, seed }) {
  $("variants").textContent = method === sampled() ? "Back to the first colors" : "Four variants";
  for (const each of $("proposals").children) {
    each.ariaPressed = String(method === sampled() && Number(each.dataset.seed) === seed);
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
  let found = 0;
  for (let seed = 1; found < FOUR && seed <= MOST_TRIED; seed++) {
    const wish = await picture.wish({ ...picture.state, method: sampled(), seed });
    const variant = await picture.ask((id) => api.variant(id, wish));
    if (own !== asked) return;
    if (variant.plausible) strip.children[found++].replaceWith(proposal(variant.picture, seed, found, choose));
  }
  strip.querySelectorAll(".to-come").forEach((each) => each.remove());
  if (found < FOUR) say(`Only ${found} of ${MOST_TRIED} variants have plausible colors.`);
}

function proposal(content, seed, number, choose) {
  const made = button("", {
    data: { seed },
    ariaLabel: `Variant ${number}`,
    ariaPressed: "false",
    on: { click: () => choose({ method: sampled(), seed }) },
  });
  made.append(make("img", { alt: "", src: `data:image/jpeg;base64,${content}` }));
  return made;
}
