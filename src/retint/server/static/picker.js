// The color picker: a popover for a place of the picture, which previews the color under the pointer.

import { colorAtLightness, labOf, loadNames, nameOf, readColor, USUAL } from "./color.js";
import { $, button, make } from "./dom.js";
import { placePopover } from "./placement.js";

const RECENT = "recent";
const MOST_RECENT = 7;

const popover = $("picker");
let session = null; // the current choice: its callbacks and the color so far
let resting = []; // where the pointer was when the popover opened

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
    style: { backgroundColor: session ? colorAtLightness(color, session.lightness).color : color },
    on: {
      pointermove: ({ clientX, clientY }) => isResting(clientX, clientY) || tryOut(color),
      pointerleave: () => tryOut(session?.color ?? null),
      focus: () => tryOut(color),
      click: () => choose(color),
    },
  });
}

// A popover that opens under the pointer tries nothing before it moves.
const isResting = (x, y) => x === resting[0] && y === resting[1];

function tryOut(color) {
  if (!session) return;
  explain(color ?? session.color);
  if (color === session.tried) return;
  session.tried = color;
  session.onTry(color, reachAndThing());
}

// What the color spreads to: the thing, or what is similar within a reach.
const reachAndThing = () => ({ reach: session.reach, thing: session.thing });

function choose(color) {
  remember(color);
  session.color = color;
  finish("chosen");
}

// The color that the lightness at the position allows.
function explain(color) {
  const said = $("picker-said");
  if (!color) return said.replaceChildren(matchMedia("(hover: none)").matches ? "Tap a color to use it." : "Move over a color to preview it.");
  const { color: shown, lost } = colorAtLightness(color, session.lightness);
  const chip = make("i", { className: "chip-color", style: { backgroundColor: shown } });
  const [wanted, found] = [nameOf(color) || color, nameOf(shown) || shown];
  const how = session.lightness > labOf(color)[0] ? "light" : "dark";
  said.replaceChildren(
    chip,
    lost && wanted !== found ? `This area is too ${how} for ${wanted}; the closest possible color is ${found}.` : found,
  );
}

// where() returns the place and the rectangle of the picture, in the window; thing: whether the color is for the thing
// there only, undefined where it cannot be; onTry(color or null, {reach, thing}) previews a color; onPickUp() starts
// picking one from the picture, onExclude() taking away what is not part of the thing. Resolves to {color, reach, thing}, "removed", or null if cancelled.
export function pick({ where, lightness, current = null, likely, onTry, onPickUp, onExclude, reach, thing }) {
  if (session) finish("");
  return new Promise((done) => {
    const focused = document.activeElement;
    session = { done, where, focused, lightness, color: current, reach, thing, onTry, onPickUp, onExclude, tried: current };
    fill("likely", [], "");
    $("likely").ariaBusy = "true";
    fill("usual", USUAL);
    fill("recent", recent().map((color) => [color, ""]), "recent");
    $("recent-said").hidden = !recent().length;
    $("picker-delete").hidden = current === null;
    $("picker-keep").hidden = current === null;
    $("thing-row").hidden = thing === undefined;
    $("thing").checked = Boolean(thing);
    showReach();
    $("reach").value = reach;
    $("color-name").value = "";
    if (current) $("free").value = current;
    explain(current);
    popover.showPopover();
    placePopover(...where());
    popover.focus({ preventScroll: true }); // a color that has the focus is previewed
    const own = session;
    likely((colors) => {
      if (own !== session) return;
      $("likely").ariaBusy = "false";
      fill("likely", colors.map((color) => [color, ""]), "likely");
    });
  });
}
addEventListener("resize", () => session && !session.pickingUp && placePopover(...session.where()));

// Only dots that color no thing have a reach; something is taken away from a thing that is colored already.
function showReach() {
  $("reach-row").hidden = session.thing !== false;
  $("picker-exclude").hidden = !session.thing || session.color === null;
}

function fill(id, colors, kind) {
  $(id).replaceChildren(...colors.map(([color, name]) => swatch(color, name, kind)));
}

// Arrow keys move over the colors, from the popover itself to the first.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
popover.addEventListener("keydown", (event) => {
  const all = [...popover.querySelectorAll(".swatches button")];
  const place = all.indexOf(event.target);
  if (place < 0 && event.target !== popover) return;
  const next = { Home: 0, End: all.length - 1 }[event.key] ?? place + STEPS[event.key];
  if (Number.isNaN(next)) return;
  event.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, next))].focus();
});

// A press outside only closes it.
let closing = false;
export const isClosing = () => closing;
document.addEventListener(
  "pointerdown",
  ({ target, clientX, clientY }) => {
    resting = [clientX, clientY];
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
export function usePickedColor(color) {
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
  else {
    own.focused?.focus({ preventScroll: true });
    own.done(null);
  }
}

$("free").addEventListener("input", ({ target }) => tryOut(target.value));
$("free").addEventListener("change", ({ target }) => choose(target.value));
$("picker-delete").addEventListener("click", () => finish("removed"));
$("picker-keep").addEventListener("click", () => finish("chosen"));
$("picker-cancel").addEventListener("click", () => finish(""));
$("picker-exclude").addEventListener("click", () => {
  const { onExclude } = session;
  finish("");
  onExclude();
});
$("reach").addEventListener("input", ({ target }) => {
  session.reach = Number(target.value);
  session.onTry(session.tried ?? session.color, reachAndThing());
});
$("thing").addEventListener("change", ({ target }) => {
  session.thing = target.checked;
  showReach();
  session.onTry(session.tried ?? session.color, reachAndThing());
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

loadNames().then((names) => {
  $("color-names").replaceChildren(...names.map(({ name }) => make("option", { value: name })));
}).catch(() => {});
