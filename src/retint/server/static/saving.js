// What is saved of a picture: its format, quality and size, alone or beside the original.

import { $, runWhileBusy } from "./dom.js";
import { resultName, save } from "./files.js";
import { complain } from "./notices.js";
import * as options from "./options.js";

const QUALITIES = [95, 85, 75, 60, 40];
const SIDES = [4096, 2048, 1280, 640]; // pixels
const LABEL = "label"; // key in the storage of the browser
const PAIRS = {
  jpeg: { layout: "side-by-side", format: "jpeg" },
  png: { layout: "side-by-side", format: "png" },
  slider: { layout: "slider" },
  fade: { layout: "fade" },
};

// current(): the picture that is shown.
export function start(current) {
  $("format").replaceChildren(
    ...options.formats().map((name) => new Option(name === "keep" ? "same as original" : name.toUpperCase(), name)),
  );
  $("quality").replaceChildren(new Option("usual", ""), ...QUALITIES.map((each) => new Option(each, each)));
  $("longest").replaceChildren(new Option("all pixels", ""), ...SIDES.map((each) => new Option(each.toLocaleString("en"), each)));
  $("label").value = localStorage[LABEL] ?? $("label").value;
  $("label").addEventListener("change", ({ target }) => {
    localStorage[LABEL] = target.value;
    $("labelled").checked = Boolean(target.value.trim());
  });
  $("signed").parentElement.hidden = !options.signs();
  for (const id of ["format", "quality", "longest", "label", "labelled", "signed"]) $(id).addEventListener("change", () => render(current()));
  $("saving-open").addEventListener("click", () => $("saving").showModal());
  $("saving-close").addEventListener("click", () => $("saving").close());
  on("save", current, async (picture) => {
    const { state } = picture;
    const blob = await picture.colorize(state, fileFields(picture));
    save(blob, resultName(picture.name, blob.type));
    picture.noteSaved(state);
  });
  on("pair-save", current, async (picture) => {
    const blob = await picture.pair(picture.state, { ...fileFields(picture), sign: false, ...PAIRS[$("pair").value], title: titleOf(picture.name) });
    save(blob, pairName(picture.name, blob.type));
    $("saving").close();
  });
}

function on(id, current, work) {
  $(id).addEventListener("click", () => {
    const picture = current();
    runWhileBusy($(id), () => work(picture)).catch((error) => {
      $("saving").close(); // it would cover the message
      complain(error, picture.name);
    });
  });
}

export function render(picture) {
  const { quality, longest } = limitsOf(picture, $("longest").value, $("quality").value);
  const lossy = options.isLossy(formatOf(picture, $("format").value));
  const parts = [quality && lossy && `with quality ${quality}`, longest && `with at most ${longest.toLocaleString("en")} pixels on a side`];
  const { label, sign } = statements();
  parts.push(label && `with the label “${label}”`, sign && "signed");
  const said = parts.filter(Boolean).join(", ");
  $("saving-said").textContent = said && `Saved ${said}.`;
}

// The format that a picture is saved in, which may be that of its file.
const formatOf = ({ info }, chosen) => (chosen === "keep" ? info?.format : chosen) ?? "";

// The fields of a request for the file of a picture.
export function fileFields(picture) {
  const limits = limitsOf(picture, $("longest").value, $("quality").value);
  return { size: "file", format: $("format").value, ...limits, ...statements() };
}

// What the file says about its colors: a label to see, and a signature.
function statements() {
  const label = $("labelled").checked ? $("label").value.trim() : "";
  return { ...(label && { label }), ...($("signed").checked && { sign: true }) };
}

// A picture that is small enough is not recompressed.
export function limitsOf({ size }, longest, quality) {
  const wanted = {};
  if (quality) wanted.quality = Number(quality);
  if (longest && Math.max(...(size ?? [Infinity])) > longest) wanted.longest = Number(longest);
  return wanted;
}

const stemOf = (name) => name.replace(/\.[^.]*$/, "") || "photo";
export const titleOf = (name) => [...stemOf(name)].slice(0, options.longestTitle()).join("");

// photo.tif -> photo.before-after.html
export const pairName = (name, type) => `${stemOf(name)}.before-after${type.startsWith("text/html") ? ".html" : options.endingOf(type)}`;
