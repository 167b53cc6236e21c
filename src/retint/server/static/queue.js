// Several photographs, one after the other, and a ZIP of them at the end.

import * as api from "./api.js";
import { save, savedName } from "./files.js";
import { apart, zip } from "./zip.js";

const list = document.getElementById("queue-list");
const bar = document.getElementById("queue-progress");
const said = document.getElementById("queue-said");
const button = document.getElementById("zip");
let items = [];

export function start(files, onOpen) {
  items = [...files].map((file) => entry(file, onOpen));
  list.replaceChildren(...items.map(({ element }) => element));
  bar.max = items.length;
  return run(items);
}

button.addEventListener("click", async () => {
  const done = items.filter(({ result }) => result);
  const names = apart(done.map(({ file, result }) => savedName(file.name, result.type)));
  save(await zip(done.map(({ result }, k) => ({ name: names[k], blob: result }))), "retint.zip");
});

function entry(file, onOpen) {
  const element = document.createElement("li");
  const picture = document.createElement("button");
  const name = document.createElement("p");
  const state = document.createElement("p");
  picture.type = "button";
  picture.disabled = true;
  picture.ariaLabel = `Open ${file.name}`;
  picture.addEventListener("click", () => onOpen(file));
  name.textContent = file.name;
  state.className = "help";
  state.textContent = "waiting";
  element.append(picture, name, state);
  return { file, element, picture, state, result: null };
}

async function run(own) {
  button.disabled = true;
  let failed = 0;
  for (const [k, item] of own.entries()) {
    if (items !== own) return; // others were dropped
    item.state.textContent = "colouring";
    said.textContent = `${k} of ${own.length} done`;
    try {
      await colour(item);
      item.state.textContent = "done";
    } catch (error) {
      failed++;
      item.element.classList.add("failed");
      item.state.textContent = error.message;
    }
    bar.value = k + 1;
  }
  said.textContent = `${own.length - failed} in colour${failed ? `, ${failed} could not be read` : ""}`;
  button.disabled = failed === own.length;
}

async function colour(item) {
  const { id } = await api.open(item.file);
  try {
    const preview = await api.colorize(id, {});
    item.result = await api.colorize(id, { size: "file" });
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(preview);
    item.picture.replaceChildren(image);
    item.picture.disabled = false;
  } finally {
    api.close(id);
  }
}
