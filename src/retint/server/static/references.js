// The tray of pictures whose colors are used, and which places follow which of them.

import * as api from "./api.js";
import { $, button, debounce, make, runWhileBusy } from "./dom.js";
import { complain } from "./notices.js";
import { offers } from "./options.js";

const SVG = "http://www.w3.org/2000/svg";
const MARKS = ["#e6b800", "#2aa1ff", "#ff5db1", "#2fbf5b", "#ff7a1a", "#9b6bff"]; // one after the other
const REFRESH_AFTER = 400; // milliseconds

let pictures;
let asked = 0;
let lentText = ""; // about the server's own pictures
const urls = new Map(); // thumbnails by the key of the reference

// Keys of the reference pictures of a state; older states have one or none.
export const referencesOf = ({ references, reference }) => references ?? (reference ? [reference] : []);

const LENT = "/v1/references"; // only a server with pictures of its own has it
export const lentFields = ({ lent }) => (lent && offers(LENT) ? { references: true } : {});

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
  if (!offers(LENT)) return;
  $("lent").addEventListener("change", ({ target }) => pictures.current.change({ lent: target.checked }));
  api.references().then(({ pictures: count }) => {
    lentText = `Also those of this server that are alike (of ${count.toLocaleString("en")})`;
    sayLent([]);
  }).catch(complain);
}

// Which of the server's pictures are followed.
function sayLent(found) {
  const used = found.filter(({ places }) => places.length).map(({ name, places }) => `${name}, ${placesText(places.length)}`);
  $("lent-said").textContent = [lentText, ...used].join(": ");
}

const isFollowing = (state) => Boolean(referencesOf(state).length || lentFields(state).references);

const isShown = () => $("followed").ariaPressed === "true";

const refresh = debounce(() => {
  if (!isShown()) return;
  if (isFollowing(pictures.current.state)) show().catch(complain);
  else hide();
}, REFRESH_AFTER);

function hide() {
  asked++;
  $("followed").ariaPressed = "false";
  $("followed-places").replaceChildren();
  for (const each of document.querySelectorAll("#references .share")) each.textContent = "";
  sayLent([]);
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
  sayLent(found.slice(keys.length));
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
  $("followed").hidden = !isFollowing(state);
  $("lent").checked = Boolean(state.lent);
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
