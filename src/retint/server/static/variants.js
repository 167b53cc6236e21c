// Variants of the diffusion method to choose from; only plausible ones are offered.

import * as api from "./api.js";
import { $, button, make } from "./dom.js";
import { complain, say } from "./notices.js";
import { variantMethod } from "./options.js";

const FOUR = 4;
const MOST_TRIED = 10; // seeds

let asked = 0;

// defaultMethod() returns its name; hasMethod(name): whether the server has it.
export function start({ current, defaultMethod, hasMethod, choose }) {
  $("variants").disabled = !hasMethod(variantMethod());
  $("variants").addEventListener("click", () => {
    if (current().state.method !== variantMethod()) {
      return propose(current(), choose).catch((error) => complain(error, current()?.name));
    }
    clear();
    choose({ method: defaultMethod(), seed: 0 });
  });
}

export function render({ method, seed }) {
  $("variants").textContent = method === variantMethod() ? "Back to the first colors" : "Four variants";
  for (const each of $("proposals").children) {
    each.ariaPressed = String(method === variantMethod() && Number(each.dataset.seed) === seed);
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
    const wish = await picture.wish({ ...picture.state, method: variantMethod(), seed });
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
    on: { click: () => choose({ method: variantMethod(), seed }) },
  });
  made.append(make("img", { alt: "", src: `data:image/jpeg;base64,${content}` }));
  return made;
}
