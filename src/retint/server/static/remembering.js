// Colors that the server remembers: what they lie on gets them in other photographs as well.

import * as api from "./api.js";
import { nameOf } from "./color.js";
import { $, button, debounce, keepFocus, make, runWhileBusy } from "./dom.js";
import { complain, say } from "./notices.js";
import { offers } from "./options.js";

const CHOSEN = "remember"; // key in the storage of the browser
const PATH = "/v1/remembered"; // only a server that remembers has it
const SVG = "http://www.w3.org/2000/svg";
const PLACES_AFTER = 300; // milliseconds after a picture was shown

let pictures;
let remembered = []; // {id, picture, color}
let placed = []; // those that the current picture gets, with x and y
let asked = 0;

const isOffered = () => offers(PATH);

// The fields of a request: a server that remembers nothing refuses them.
export const fields = ({ remember }) => (remember && isOffered() ? { remember } : {});

// Whether photographs that are opened next use what is remembered.
export const isUsual = () => isOffered() && localStorage[CHOSEN] === "on";

export function start(all) {
  if (!isOffered()) return;
  pictures = all;
  pictures.addEventListener("current", () => setPlaced([]));
  pictures.addEventListener("shown", ({ detail }) => detail === pictures.current && findPlaces());
  $("remember").addEventListener("click", ({ currentTarget }) => runWhileBusy(currentTarget, remember).catch(complain));
  $("remembered").addEventListener("change", ({ target }) => {
    localStorage[CHOSEN] = target.checked ? "on" : "";
    pictures.current.change({ remember: target.checked });
  });
  api.remembered().then(setAll).catch(complain);
}

export function render({ state }) {
  $("remembered").checked = Boolean(state.remember);
  $("remember").disabled ||= !state.shapes.some(({ kind }) => kind === "point");
}

async function remember() {
  const { current } = pictures;
  const { state, name } = current;
  setAll(await current.ask(async (id) => api.remember(id, { ...(await current.wish(state)), name })));
  localStorage[CHOSEN] = "on";
  for (const each of pictures.list) if (!each.state.remember) each.change({ remember: true });
  pictures.refresh(usersOf());
  say("Remembered. The same things get these colors in all photographs that are open, and in those that you open next.");
}

async function forget(id) {
  await api.forget(id);
  setAll(await api.remembered());
  pictures.refresh(usersOf());
}

const usersOf = () => pictures.list.filter(({ state }) => state.remember);

function setAll(all) {
  remembered = all;
  list();
}

// What of it the current picture gets, after it was shown.
const findPlaces = debounce(async () => {
  const own = ++asked;
  const { current } = pictures;
  if (!current) return;
  const isUsed = current.state.remember && remembered.length;
  try {
    const found = isUsed ? await current.ask(async (id) => api.rememberedIn(id, await current.wish(current.state))) : [];
    if (own === asked && current === pictures.current) setPlaced(found);
  } catch (error) {
    complain(error, current.name);
  }
}, PLACES_AFTER);

function setPlaced(places) {
  asked++;
  placed = places;
  $("remembered-places").replaceChildren(...places.flatMap((each) => ["casing", "core"].map((part) => mark(each, part))));
  list();
}

function mark({ color, x, y }, part) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", part);
  path.setAttribute("d", `M${x} ${y}h0`);
  path.style.setProperty("--color", color);
  return path;
}

// Those that this picture gets come first.
function list() {
  const used = new Set(placed.map(({ id }) => id));
  const all = [...remembered].reverse().sort((one, other) => used.has(other.id) - used.has(one.id));
  keepFocus(() => $("remembered-list").replaceChildren(...all.map((each) => buildItem(each, used.has(each.id)))), $("stage"));
  $("remembered-said").textContent = remembered.length ? "" : "None is remembered yet.";
}

function buildItem({ id, picture, color }, isUsed) {
  const name = nameOf(color) || color;
  return make(
    "li", { data: { remembered: id } },
    make("i", { style: { backgroundColor: color } }),
    make("span", { className: "name", title: picture }, `${name}, from ${picture}`),
    make("span", { className: "help" }, isUsed ? "used in this picture" : ""),
    button("Forget", { ariaLabel: `Forget ${name}, from ${picture}`, on: { click: ({ currentTarget }) => runWhileBusy(currentTarget, () => forget(id)).catch(complain) } }),
  );
}
