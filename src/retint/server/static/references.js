// The tray of pictures whose colors are used, and which places follow which of them.

import * as api from "./api.js";
import { $, button, debounce, make, runWhileBusy } from "./dom.js";
import { complain } from "./notices.js";

const SVG = "http://www.w3.org/2000/svg";
const MARKS = ["#e6b800", "#2aa1ff", "#ff5db1", "#2fbf5b", "#ff7a1a", "#9b6bff"]; // one after the other
const REFRESH_AFTER = 400; // milliseconds

let pictures;
let asked = 0;
const urls = new Map(); // thumbnails by the key of the reference

// Keys of the reference pictures of a state; older states have one or none.
export const referencesOf = ({ references, reference }) => references ?? (reference ? [reference] : []);

const markOf = (index) => MARKS[index % MARKS.length];

export function start(all) {
  pictures = all;
  pictures.addEventListener("current", hide);
  pictures.addEventListener("change", refresh);
  $("followed").addEventListener("click", ({ currentTarget: toggle }) => {
    if (isShown()) return hide();
    toggle.ariaPressed = "true";
    runWhileBusy(toggle, show).catch(complain);
  });
}

const isShown = () => $("followed").ariaPressed === "true";

const refresh = debounce(() => {
  if (!isShown()) return;
  if (referencesOf(pictures.current.state).length) show().catch(complain);
  else hide();
}, REFRESH_AFTER);

function hide() {
  asked++;
  $("followed").ariaPressed = "false";
  $("followed-places").replaceChildren();
  for (const each of document.querySelectorAll("#references .share")) each.textContent = "";
}

// Marks the places, in the colors of the tray.
async function show() {
  const own = ++asked;
  const { current } = pictures;
  const keys = referencesOf(current.state);
  const found = await current.ask(async (id) => api.followed(id, await current.wish(current.state)));
  if (own !== asked) return;
  $("followed-places").replaceChildren(...found.flatMap(({ places }, k) => ["casing", "core"].map((part) => marks(places, k, part))));
  keys.forEach((key, k) => {
    const item = $("references").querySelector(`[data-reference="${key}"] .share`);
    if (item) item.textContent = placesText(found[k]?.places.length ?? 0);
  });
}

const placesText = (count) => (count === 1 ? "1 place matches" : `${count || "no"} places match`);

function marks(places, index, part) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", part);
  path.setAttribute("d", places.map(([x, y]) => `M${x} ${y}h0`).join(""));
  path.style.setProperty("--color", markOf(index));
  return path;
}

// The items stay the same elements, so that the focus stays where it is.
export function render({ state, references }) {
  const keys = referencesOf(state);
  const known = new Map([...$("references").children].map((item) => [item.dataset.reference, item]));
  const items = keys.map((key) => known.get(key) ?? buildItem(key, references.get(key)));
  if (items.length !== known.size || items.some((item, k) => item !== $("references").children[k])) $("references").replaceChildren(...items);
  items.forEach((item, k) => item.style.setProperty("--color", markOf(k)));
  $("followed").hidden = !keys.length;
}

function buildItem(key, file) {
  if (file && !urls.has(key)) urls.set(key, URL.createObjectURL(file));
  const name = file?.name ?? "reference picture";
  return make(
    "li", { data: { reference: key } },
    make("img", { alt: "", src: urls.get(key) ?? "", on: { error: ({ target }) => (target.hidden = true) } }),
    make("span", { className: "name", title: name }, name),
    make("span", { className: "share help" }),
    button("Remove", { ariaLabel: `Remove the reference picture ${name}`, on: { click: () => remove(key) } }),
  );
}

function remove(key) {
  const { current } = pictures;
  current.change({ references: referencesOf(current.state).filter((each) => each !== key), reference: "" });
}
