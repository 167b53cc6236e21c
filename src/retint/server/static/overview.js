// All open pictures at once, as large as there is room: a dialog.

import { $, button, keepFocus, make } from "./dom.js";
import * as selection from "./selection.js";

let pictures;
let open;
let close;

// open(picture) shows one, close(picture) closes it.
export function start(all, actions) {
  pictures = all;
  ({ open, close } = actions);
  for (const what of ["list", "shown", "failed"]) pictures.addEventListener(what, show);
  selection.changes.addEventListener("change", show);
  $("overview-open").addEventListener("click", () => {
    $("overview").showModal();
    rebuild();
    ($("overview-list").querySelector('[aria-current="true"]') ?? $("overview-close")).focus();
  });
  $("overview-close").addEventListener("click", () => $("overview").close());
  $("overview-list").addEventListener("keydown", move);
}

function show() {
  if (!$("overview").open) return;
  if (!pictures.list.length) return $("overview").close();
  keepFocus(rebuild, $("overview-close"));
}

function rebuild() {
  const known = new Map([...$("overview-list").children].map((item) => [item.dataset.picture, item]));
  const items = pictures.list.map((picture) => known.get(picture.id) ?? buildItem(picture));
  if (items.length !== known.size || items.some((item, k) => item !== $("overview-list").children[k])) {
    $("overview-list").replaceChildren(...items);
  }
  pictures.list.forEach((picture, k) => update(items[k], picture));
  $("overview-title").textContent = pictures.list.length === 1 ? "1 picture" : `${pictures.list.length} pictures`;
}

function buildItem(picture) {
  const thumb = button("", {
    className: "large-thumb",
    ariaLabel: `Open ${picture.name}`,
    on: { click: () => ($("overview").close(), open(picture)) },
  });
  const check = make("input", {
    type: "checkbox",
    ariaLabel: `Select ${picture.name}`,
    on: { change: ({ target }) => selection.set(picture, target.checked) },
  });
  const remove = button("×", { className: "remove-picture", ariaLabel: `Close ${picture.name}`, on: { click: () => closeOne(picture) } });
  return make("li", { data: { picture: picture.id } }, thumb, make("label", {}, check, make("span", {}, picture.name)), remove);
}

function update(item, picture) {
  const thumb = item.firstChild;
  thumb.ariaCurrent = picture === pictures.current ? "true" : null;
  item.querySelector("input").checked = selection.has(picture);
  const url = picture.urls.after ?? picture.urls.before;
  if (url && thumb.dataset.url !== url) {
    thumb.dataset.url = url;
    thumb.replaceChildren(make("img", { alt: "", src: url }));
  } else if (!url) thumb.textContent = picture.error || "…";
}

// The focus goes to the picture that takes its place.
function closeOne(picture) {
  const place = pictures.list.indexOf(picture);
  close(picture);
  const { children } = $("overview-list");
  children[Math.min(place, children.length - 1)]?.firstChild.focus();
}

// Arrow keys go from picture to picture, Delete closes one.
function move(event) {
  const thumbs = [...$("overview-list").querySelectorAll(".large-thumb")];
  const place = thumbs.indexOf(event.target);
  if (place < 0) return;
  if (event.key === "Delete") {
    event.preventDefault();
    return closeOne(pictures.list[place]);
  }
  const top = ({ offsetTop }) => offsetTop;
  const columns = Math.max(1, thumbs.filter((each) => top(each.parentElement) === top(thumbs[0].parentElement)).length);
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -place, End: thumbs.length - 1 - place };
  if (!(event.key in steps)) return;
  event.preventDefault();
  thumbs[place + steps[event.key]]?.focus();
}
