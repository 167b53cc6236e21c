// The strip of open photographs, and actions on all or some of them.

import { $, button, keepFocus, make, runWhileBusy } from "./dom.js";
import { resultName, save } from "./files.js";
import { complain, say } from "./notices.js";
import { Pace } from "./pace.js";
import { askToConfirm } from "./question.js";
import * as saving from "./saving.js";
import * as selection from "./selection.js";
import { uniqueNames, zip } from "./zip.js";

const pace = new Pace();
let pictures;

export function start(all, onChoose) {
  pictures = all;
  for (const what of ["list", "current", "shown", "failed", "busy"]) pictures.addEventListener(what, show);
  selection.changes.addEventListener("change", show);
  for (const id of ["close-all", "overview-close-all"]) $(id).addEventListener("click", () => closeAll().catch(complain));
  $("strip-list").addEventListener("click", ({ target }) => {
    const item = target.closest("[data-picture]");
    if (item && target.closest(".thumb")) onChoose(find(item));
  });
  $("same").addEventListener("click", () => {
    const those = selected();
    pictures.useSettings(those);
    say(`${those.length} photographs now have these settings.`);
  });
  $("zip").addEventListener("click", () => runWhileBusy($("zip"), saveAll).catch(complain));
}

const find = (item) => pictures.list.find(({ id }) => id === item.dataset.picture);
const selected = () => selection.of(pictures.list);

function show() {
  keepFocus(rebuild, $("stage"));
}

function rebuild() {
  const { list, current } = pictures;
  selection.keepOnly(list);
  $("strip").hidden = !list.length;
  const known = new Map([...$("strip-list").children].map((item) => [item.dataset.picture, item]));
  const items = list.map((picture) => known.get(picture.id) ?? buildItem(picture));
  if (items.some((item, k) => item !== $("strip-list").children[k]) || items.length !== known.size) {
    $("strip-list").replaceChildren(...items);
  }
  list.forEach((picture, k) => update(items[k], picture, picture === current));
  renderState();
}

function renderState() {
  const { list } = pictures;
  const several = list.length > 1;
  const failed = list.filter(({ error }) => error).length;
  const done = list.filter((each) => each.done).length;
  $("strip-tools").hidden = !several;
  const some = selection.count() ? `${selection.count()} selected` : "all";
  $("same").textContent = `Apply settings to ${some}`;
  $("zip").textContent = `Save ${some} as ZIP`;
  const left = pictures.pace.text(list.length - failed - done);
  const failures = failed ? `, ${failed} could not be read` : "";
  $("strip-said").textContent = several ? `${done} of ${list.length - failed} colored${left}${failures}` : "";
}

function buildItem(picture) {
  const check = make("input", {
    type: "checkbox",
    ariaLabel: `Select ${picture.name}`,
    on: { change: ({ target }) => selection.set(picture, target.checked) },
  });
  const remove = button("×", { className: "remove-picture", ariaLabel: `Close ${picture.name}`, on: { click: () => close(picture) } });
  return make(
    "li", { data: { picture: picture.id } },
    button("", { className: "thumb", ariaLabel: `Open ${picture.name}`, title: picture.name }),
    check, remove,
  );
}

function update(item, picture, current) {
  const thumb = item.firstChild;
  thumb.ariaCurrent = current ? "true" : null;
  item.querySelector("input").checked = selection.has(picture);
  item.classList.toggle("failed", Boolean(picture.error));
  thumb.title = picture.error ? `${picture.name}: ${picture.error}` : picture.name;
  const url = picture.urls.after ?? picture.urls.before;
  if (url && thumb.dataset.url !== url) {
    thumb.dataset.url = url;
    thumb.replaceChildren(make("img", { alt: "", src: url }));
  } else if (!url) thumb.textContent = picture.error ? "!" : "…";
}

export function close(picture) {
  const place = pictures.list.indexOf(picture);
  const putBack = pictures.remove(picture);
  const { children } = $("strip-list");
  children[Math.min(place, children.length - 1)]?.firstChild.focus();
  say(`${picture.name} was closed.`, { text: "Undo", do: putBack });
}

// Asks once if changes would be lost from sight.
async function closeAll() {
  const { list } = pictures;
  const unsaved = list.filter((each) => each.isUnsaved).length;
  const text = `${unsaved} of ${list.length} pictures ${unsaved === 1 ? "has" : "have"} changes that were not saved. Close all?`;
  if (unsaved && !(await askToConfirm(text, "Close all", "Keep them open"))) return;
  const count = list.length;
  const putBack = pictures.removeAll();
  say(`${count === 1 ? "1 picture was" : `${count} pictures were`} closed.`, { text: "Undo", do: putBack });
}

async function saveAll() {
  const those = selected().filter(({ error }) => !error);
  const files = [];
  try {
    for (const [k, picture] of those.entries()) {
      $("strip-said").textContent = `saving ${k + 1} of ${those.length}${pace.text(those.length - k)}`;
      pace.begin();
      try {
        const more = { ...saving.fileFields(picture), patient: true };
        const { state } = picture;
        files.push([picture, await picture.colorize(state, more), state]);
        pace.end();
      } catch (error) {
        complain(error, picture.name);
      }
    }
  } finally {
    renderState();
  }
  if (!files.length) return;
  const names = uniqueNames(files.map(([{ name }, blob]) => resultName(name, blob.type)));
  save(await zip(files.map(([, blob], k) => ({ name: names[k], blob }))), "retint.zip");
  for (const [picture, , state] of files) picture.noteSaved(state);
}
