// The panel beside the picture: sliders, methods, reference, list of hints.

import { nameOf } from "./color.js";
import { methodNamed, SLIDERS } from "./document.js";
import { $, button, make, sentence } from "./dom.js";
import * as framing from "./framing.js";
import { labelOf } from "./marks.js";
import * as options from "./options.js";
import * as saving from "./saving.js";

const FIRST = ["warmth", "vividness"]; // beside the looks
const WORDS = {
  warmth: "Warmth", vividness: "Vividness", saturation: "Saturation", repair: "Dust and scratches", fading: "Fading",
};

export const noHints = (method) => `${method} takes no color hints; choose another method to use them`;

// on: onChange(part, kind), onTurn(), onPick(id), onRemove(id)
export function start(methods, on) {
  for (const name of SLIDERS.filter(options.offers)) {
    const { least, most, fallback } = options.range(name);
    const slider = make("input", {
      type: "range", id: name, min: least, max: most, step: 0.05, value: fallback,
      on: { input: ({ target }) => on.onChange({ [name]: Number(target.value) }, name) },
    });
    slider.setAttribute("aria-describedby", `${name}-help`);
    $(FIRST.includes(name) ? "first-sliders" : "sliders").append(
      make("label", { htmlFor: name }, `${WORDS[name]} `, make("output", { id: `${name}-said` })),
      slider,
      make("p", { id: `${name}-help`, className: "help" }, options.help(name)),
    );
  }
  $("turn").addEventListener("click", () => on.onTurn());
  $("upright-help").textContent = options.help("upright");
  $("method").replaceChildren(...methods.map(({ name }) => new Option(name, name)));
  $("method").addEventListener("change", ({ target }) => on.onChange({ method: target.value, seed: 0 }));
}

// The setting after this one, of all that `upright` has.
export function nextTurn(upright = options.fallback("upright")) {
  const all = options.choices("upright");
  return all[(all.indexOf(upright) + 1) % all.length];
}

function turnText(upright = options.fallback("upright")) {
  if (upright === options.fallback("upright")) return "turned upright if needed";
  return upright === "off" ? "as it is" : `turned by ${upright}°`;
}

export function render(picture, on) {
  const { state } = picture;
  $("upright-said").value = turnText(state.upright);
  framing.render(picture);
  saving.render(picture);
  $("turning").hidden = Boolean(picture.film);
  for (const name of SLIDERS.filter(options.offers)) {
    const value = state[name] ?? options.fallback(name); // older pictures lack newer options
    $(name).value = value;
    $(`${name}-said`).value = value.toFixed(2);
  }
  $("method").value = state.method;
  $("method-help").textContent = sentence(methodNamed(state.method).summary);
  $("undo").disabled = !picture.canUndo;
  $("redo").disabled = !picture.canRedo;
  $("hints-save").disabled = $("hints-clear").disabled = !state.shapes.length;
  list(state.shapes, on);
  renderHints(state);
  $("dimensions").textContent = picture.info ? `${picture.name}: ${picture.size.join(" × ")} pixels, ${picture.info.format}` : picture.name;
}

// Greys out what has no effect with a method that takes no hints.
function renderHints({ method, shapes }) {
  const { takesHints } = methodNamed(method);
  for (const each of document.querySelectorAll("[data-takes-hints]")) each.disabled = !takesHints;
  for (const each of document.querySelectorAll("#hints .chip")) each.disabled = !takesHints;
  for (const id of ["dots", "lines", "referring"]) $(id).classList.toggle("idle", !takesHints);
  $("no-hints").hidden = takesHints;
  $("no-hints").textContent = takesHints ? "" : `${noHints(method)}.${shapes.length ? " The hints of this picture are kept." : ""}`;
}

// The focus stays on the same button, or moves to that of the next hint.
function list(shapes, on) {
  const focused = document.activeElement?.closest("#hints button");
  const items = [...$("hints").children];
  const place = items.indexOf(focused?.parentElement);
  const part = focused?.classList[0];
  const { id } = focused?.parentElement.dataset ?? {};
  $("hints").replaceChildren(...shapes.map((shape, k) => hintItem(shape, k, on)));
  if (!focused) return;
  const now = [...$("hints").children];
  const item = now.find((each) => each.dataset.id === id) ?? now[Math.min(place, now.length - 1)];
  (item?.querySelector(`.${part}`) ?? $("stage")).focus({ preventScroll: true });
}

function hintItem(shape, index, { onPick, onRemove }) {
  const { id, color } = shape;
  const name = labelOf(shape, index);
  const chip = button("", {
    className: "chip", ariaLabel: `Change ${name}`, data: { color }, on: { click: () => onPick(id) },
  });
  chip.append(make("i", { style: { backgroundColor: color } }), `${index + 1}. ${nameOf(color) || color}`);
  const remove = button("Remove", { className: "remove", ariaLabel: `Remove ${name}`, on: { click: () => onRemove(id) } });
  return make("li", { data: { id } }, chip, remove);
}
