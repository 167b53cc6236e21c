// The choice of a look: a radio group with small pictures of the current photograph.

import * as api from "./api.js";
import { $, debounce, make, sentence } from "./dom.js";
import { complain } from "./notices.js";
import { fallback } from "./options.js";

const REFRESH_AFTER = 400; // milliseconds after the photograph is shown

let looks = [];
let seen = ""; // what the small pictures show
let asked = 0;

export async function start(choose) {
  looks = await api.looks();
  $("looks").replaceChildren(...looks.map((look) => option(look, choose)));
}

function option({ name, title, summary }, choose) {
  const radio = make("input", {
    type: "radio", name: "look", value: name, on: { change: () => choose({ look: name }) },
  });
  radio.setAttribute("aria-describedby", "look-help");
  const thumbnail = make("span", { className: "thumbnail" }, make("img", { alt: "", draggable: false, hidden: true }));
  return make("label", { title: summary }, radio, thumbnail, make("span", {}, title));
}

export function render({ look = fallback("look") }) {
  for (const radio of document.querySelectorAll("[name=look]")) radio.checked = radio.value === look;
  $("look-help").textContent = sentence(looks.find(({ name }) => name === look)?.summary ?? "");
}

// Another photograph has its own pictures; outstanding ones are ignored.
export function clear() {
  asked++;
  seen = "";
  for (const image of document.querySelectorAll("#looks img")) image.hidden = true;
}

// Requests the small pictures if they show another state.
export const refresh = debounce((picture) => show(picture).catch((error) => complain(error, picture.name)), REFRESH_AFTER);

async function show(picture) {
  const own = ++asked;
  const { look, ...wish } = await picture.wish(picture.state);
  const wanted = `${picture.id} ${JSON.stringify(wish)}`;
  if (own !== asked || wanted === seen) return;
  const pictures = await picture.ask((id) => api.looksOf(id, wish));
  if (own !== asked) return;
  seen = wanted;
  for (const { name, picture: content } of pictures) {
    const image = document.querySelector(`[name=look][value="${name}"] + .thumbnail img`);
    image.src = `data:image/jpeg;base64,${content}`;
    image.hidden = false;
  }
}
