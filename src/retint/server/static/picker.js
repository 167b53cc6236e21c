// The color picker: a popover at a position; the picture previews the color under the pointer.

import { known, labOf, nameOf, readColor, shownAt, USUAL } from "./color.js";
import { $, button, make } from "./dom.js";

const RECENT = "recent";
const MOST_RECENT = 7;
const MARGIN = 12; // pixels between the position and the popover

const popover = $("picker");
let session = null; // the current choice: its callbacks and the color so far

const recent = () => JSON.parse(localStorage[RECENT] ?? "[]");
function remember(color) {
  localStorage[RECENT] = JSON.stringify([color, ...recent().filter((each) => each !== color)].slice(0, MOST_RECENT));
}

function swatch(color, name, kind) {
  const said = name || nameOf(color) || color;
  return button("", {
    title: said,
    ariaLabel: kind ? `${kind}: ${said}` : said,
    data: { color },
    style: { backgroundColor: session ? shownAt(color, session.lightness).color : color },
    on: {
      pointerenter: () => tryOut(color),
      pointerleave: () => tryOut(session?.color ?? null),
      focus: () => tryOut(color),
      click: () => choose(color),
    },
  });
}

function tryOut(color) {
  if (!session) return;
  explain(color ?? session.color);
  if (color === session.tried) return;
  session.tried = color;
  session.onTry(color, howFar());
}

// What the color spreads to: the thing, or what is similar within a reach.
const howFar = () => ({ reach: session.reach, thing: session.thing });

function choose(color) {
  remember(color);
  session.color = color;
  finish("chosen");
}

// The color that the lightness at the position allows.
function explain(color) {
  const said = $("picker-said");
  if (!color) return said.replaceChildren("Move over a color to preview it.");
  const { color: shown, lost } = shownAt(color, session.lightness);
  const chip = make("i", { className: "chip-color", style: { backgroundColor: shown } });
  const [wanted, found] = [nameOf(color) || color, nameOf(shown) || shown];
  const how = session.lightness > labOf(color)[0] ? "light" : "dark";
  said.replaceChildren(
    chip,
    lost && wanted !== found ? `This area is too ${how} for ${wanted}; the closest possible color is ${found}.` : found,
  );
}

// place: [x, y] in the window; thing: whether the color is for the thing there only, undefined where it cannot be;
// onTry(color or null, {reach, thing}) previews a color; onPickUp() starts picking one from the picture.
// Resolves to {color, reach, thing}, "removed", or null if cancelled.
export function pick({ place, lightness, current = null, likely, onTry, onPickUp, reach, thing }) {
  if (session) finish("");
  return new Promise((done) => {
    session = { done, lightness, color: current, reach, thing, onTry, onPickUp, tried: current };
    fill("likely", [], "");
    fill("usual", USUAL);
    fill("recent", recent().map((color) => [color, ""]), "recent");
    $("recent-said").hidden = !recent().length;
    $("picker-delete").hidden = current === null;
    $("picker-keep").hidden = current === null;
    $("thing-row").hidden = thing === undefined;
    $("thing").checked = Boolean(thing);
    $("reach-row").hidden = Boolean(thing);
    $("reach").value = reach;
    $("color-name").value = "";
    if (current) $("free").value = current;
    explain(current);
    popover.showPopover();
    stand(place);
    popover.querySelector("#usual button").focus({ preventScroll: true });
    const own = session;
    likely((colors) => own === session && fill("likely", colors.map((color) => [color, ""]), "likely"));
  });
}

// Likely colors arrive later; existing swatches keep their position.
function fill(id, colors, kind) {
  const shown = new Set([...$(id).children].map(({ dataset }) => dataset.color));
  if (!colors.length || id !== "likely") $(id).replaceChildren();
  for (const [color, name] of colors) {
    if (id !== "likely" || !shown.has(color)) $(id).append(swatch(color, name, kind));
  }
}

// Beside the position, without covering it, inside the window.
function stand([x, y]) {
  const { width, height } = popover.getBoundingClientRect();
  const [most, high] = [document.documentElement.clientWidth, innerHeight];
  const narrow = most < 600;
  const left = narrow ? (most - width) / 2 : x + MARGIN + width < most ? x + MARGIN : x - MARGIN - width;
  let top = narrow ? (y < high / 2 ? high - height - MARGIN : MARGIN) : y - height / 3;
  top = Math.min(high - height - MARGIN, Math.max(MARGIN, top));
  Object.assign(popover.style, { left: `${Math.max(4, left)}px`, top: `${top}px` });
}

// A press outside only closes it.
let closing = false;
export const closesByThis = () => closing;
document.addEventListener(
  "pointerdown",
  ({ target }) => {
    closing = session !== null && !session.pickingUp && !popover.contains(target);
    if (closing) finish("");
  },
  { capture: true },
);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !session) return;
  event.preventDefault();
  finish("");
});

// A color picked from a picture.
export function pickedUp(color) {
  if (!session) return;
  popover.showPopover();
  $("free").value = color;
  choose(color);
}

function finish(how) {
  const own = session;
  session = null;
  if (popover.matches(":popover-open")) popover.hidePopover();
  if (how === "removed") own.done("removed");
  else if (how === "chosen") own.done({ color: own.color, reach: own.reach, thing: own.thing });
  else own.done(null);
}

$("free").addEventListener("input", ({ target }) => tryOut(target.value));
$("free").addEventListener("change", ({ target }) => choose(target.value));
$("picker-delete").addEventListener("click", () => finish("removed"));
$("picker-keep").addEventListener("click", () => finish("chosen"));
$("picker-cancel").addEventListener("click", () => finish(""));
$("reach").addEventListener("input", ({ target }) => {
  session.reach = Number(target.value);
  session.onTry(session.tried ?? session.color, howFar());
});
$("thing").addEventListener("change", ({ target }) => {
  session.thing = target.checked;
  $("reach-row").hidden = session.thing;
  session.onTry(session.tried ?? session.color, howFar());
});
$("dropper").addEventListener("click", () => {
  session.pickingUp = true; // until the picture is pressed
  popover.hidePopover();
  session.onPickUp();
});
$("color-name").addEventListener("input", ({ target }) => {
  const color = readColor(target.value);
  if (color) tryOut(color);
});
$("color-name").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const color = readColor(event.target.value);
  if (color) choose(color);
  else $("picker-said").textContent = `Unknown color: ${event.target.value}`;
});

known().then((names) => {
  $("color-names").replaceChildren(...names.map(({ name }) => make("option", { value: name })));
}).catch(() => {});
