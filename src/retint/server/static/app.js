// The page: what is chosen goes to the server, what comes back is shown.

import * as api from "./api.js";
import { arrivals } from "./arrivals.js";
import { save, savedName } from "./files.js";
import { fromAddress, Hints, toAddress } from "./hints.js";
import * as options from "./options.js";
import { pick } from "./picker.js";
import * as queue from "./queue.js";
import { Stage } from "./stage.js";
import "./theme.js";

const $ = (id) => document.getElementById(id);
const PROPOSING = "chroma-diffusion";
const PROPOSALS = 4;
const SETTLED = 600; // milliseconds after which a closer look is worth its time
const GUESS = [214, 48, 30]; // red, for where the network guessed

let known = []; // methods
let session = null;
let file = null;
let hints = new Hints();
let look = {};
let reference = "";
let shown = {}; // object URLs, by the image that shows them
let sharp = false;
let settling = 0;

const stage = new Stage({
  onPlace: (place) => place_(place),
  onMove: (index, place) => change(() => hints.replace(index, place)),
  onPick: (index) => repick(index),
  onRemove: (index) => change(() => hints.remove(index)),
  onZoom: () => settle(),
});

// ---- a photograph comes in

async function receive(files) {
  files = [...files];
  const json = files.filter(({ name }) => name.toLowerCase().endsWith(".json"));
  const pictures = files.filter((each) => !json.includes(each));
  if (pictures.length > 1) return many(pictures);
  if (pictures.length) await open(pictures[0]);
  if (json.length && session) await readHints(json[0]);
}

async function many(files) {
  view("queue");
  await queue.start(files, (each) => open(each));
}

async function open(chosen) {
  try {
    view("editor");
    busy(true);
    await ready;
    const opened = await api.open(chosen);
    if (session) api.close(session.id);
    [session, file] = [opened, chosen];
    stage.show(session.width, session.height);
    hints = new Hints();
    reference = "";
    sharp = false;
    const kept = fromAddress(location.hash);
    look = lookOf(kept.look);
    if (kept.points.length) hints.change(kept.points);
    $("variants").replaceChildren();
    $("propose").hidden = false;
    $("dimensions").textContent = `${session.width} × ${session.height} pixels, ${session.format}`;
    api.original(session.id).then((blob) => put("before", blob));
    tell();
    await render();
    $("another").hidden = false;
    api.likely(session.id, 0.5, 0.5).catch(() => {}); // so that the first click need not wait
  } catch (error) {
    view(session ? "editor" : "start");
    complain(error);
  } finally {
    busy(false);
  }
}

// ---- colours

let running = false;
let again = false;

// Only the latest wish counts: while one is under way the others wait as one.
async function render() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  const slow = setTimeout(() => busy(true), 250);
  try {
    do {
      again = false;
      put("after", await api.colorize(session.id, wish()));
      sharp = false;
      if ($("guesses").ariaPressed === "true") await showGuesses();
    } while (again);
    settle();
  } catch (error) {
    complain(error);
  } finally {
    running = false;
    clearTimeout(slow);
    busy(false);
  }
}

const methodOf = (name) => known.find((each) => each.name === name);
const takesHints = () => methodOf(look.method)?.hints ?? true;

function wish(more = {}) {
  const told = takesHints() ? { hints: hints.content(session.width, session.height), reference } : {};
  const asked = { ...look, ...told, ...more };
  if (!methodOf(asked.method)?.options.includes("seed")) delete asked.seed;
  return asked;
}

function lookOf({ method, vividness, saturation, seed }) {
  return {
    method: known.some(({ name }) => name === method) ? method : known.find((each) => each.default)?.name,
    vividness: options.clamped("vividness", vividness),
    saturation: options.clamped("saturation", saturation),
    seed: Math.round(options.clamped("seed", seed)),
  };
}

function change(how) {
  how();
  tell();
  render();
}

async function place_(place) {
  if (!session) return;
  if (!takesHints()) {
    return complain(new Error(`${look.method} takes no colours of yours; choose another method.`));
  }
  const chosen = await pick({ likelyColors: api.likely(session.id, place.x, place.y) });
  if (!chosen) return;
  change(() => hints.add({ ...place, color: chosen }));
  stage.focus(hints.points.length - 1);
}

async function repick(index) {
  const { x, y, color } = hints.points[index];
  const chosen = await pick({ likelyColors: api.likely(session.id, x, y), current: color });
  if (chosen === "delete") change(() => hints.remove(index));
  else if (chosen) change(() => hints.replace(index, { color: chosen }));
  stage.focus(index);
}

async function showGuesses() {
  const blob = await api.confidence(session.id, { method: look.method, hints: wish().hints ?? null });
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  for (let k = 0; k < pixels.data.length; k += 4) {
    const sure = pixels.data[k];
    pixels.data.set([...GUESS, 255 - sure], k);
  }
  context.putImageData(pixels, 0, 0);
  put("map", await canvas.convertToBlob());
}

// ---- what is seen

function put(id, blob) {
  const url = URL.createObjectURL(blob);
  $(id).src = url;
  if (shown[id]) URL.revokeObjectURL(shown[id]);
  shown[id] = url;
}

// Once nothing has changed for a while, and somebody looks closely: all pixels.
function settle() {
  clearTimeout(settling);
  if (!session || sharp) return;
  const preview = Math.min(1, Math.sqrt(1e6 / (session.width * session.height)));
  if (stage.scale * devicePixelRatio <= preview * 1.1 || preview === 1) return;
  settling = setTimeout(async () => {
    const { id } = session;
    sharp = true;
    const asked = JSON.stringify(wish());
    try {
      const [before, after] = await Promise.all([
        api.original(id, "pixels"),
        api.colorize(id, wish({ size: "pixels" })),
      ]);
      if (session.id !== id || JSON.stringify(wish()) !== asked) return;
      put("before", before);
      put("after", after);
    } catch (error) {
      complain(error);
    }
  }, SETTLED);
}

function tell() {
  const { points } = hints;
  stage.mark(points);
  $("undo").disabled = !hints.canUndo;
  $("redo").disabled = !hints.canRedo;
  $("hints-save").disabled = $("hints-clear").disabled = !points.length;
  $("hints").replaceChildren(...points.map(listed));
  $("method").value = look.method;
  for (const name of ["vividness", "saturation"]) {
    $(name).value = look[name];
    $(`${name}-said`).value = look[name].toFixed(2);
  }
  $("reference-off").hidden = !reference;
  for (const each of $("variants").children) {
    each.ariaPressed = look.method === PROPOSING && Number(each.dataset.seed) === look.seed;
  }
  const bare = !points.length && JSON.stringify(look) === JSON.stringify(lookOf({}));
  history.replaceState(null, "", bare ? location.pathname : toAddress(look, points));
}

function listed({ color }, index) {
  const item = document.createElement("li");
  const chip = document.createElement("button");
  const spot = document.createElement("i");
  const remove = document.createElement("button");
  chip.type = remove.type = "button";
  chip.className = "chip";
  remove.className = "remove";
  spot.style.backgroundColor = color;
  chip.append(spot, `${index + 1}. ${color}`);
  chip.ariaLabel = `Change colour ${index + 1}, ${color}`;
  chip.addEventListener("click", () => repick(index));
  remove.textContent = "Remove";
  remove.ariaLabel = `Remove colour ${index + 1}`;
  remove.addEventListener("click", () => change(() => hints.remove(index)));
  item.append(chip, remove);
  return item;
}

function view(name) {
  for (const each of ["start", "queue", "editor"]) $(each).hidden = each !== name;
}

function busy(on) {
  $("busy").hidden = !on;
}

let complaint = 0;
function complain({ message }) {
  $("error").textContent = message;
  $("error").hidden = false;
  clearTimeout(complaint);
  complaint = setTimeout(() => ($("error").hidden = true), 8000);
}

// ---- the controls

function on(id, event, handle) {
  $(id).addEventListener(event, async (happened) => {
    try {
      await handle(happened);
    } catch (error) {
      complain(error);
    }
  });
}

for (const id of ["files", "camera"]) {
  on(id, "change", async ({ target }) => {
    await receive(target.files);
    target.value = "";
  });
}
for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", async () => {
    const path = button.dataset.sample;
    const blob = await (await fetch(path)).blob();
    open(new File([blob], path.split("/").pop(), { type: blob.type }));
  });
}
on("another", "click", () => {
  view("start");
  history.replaceState(null, "", location.pathname);
});

arrivals((files, target) => {
  if (target?.closest("#reference-drop") && session) refer(files[0]);
  else receive(files);
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !session) return;
  event.preventDefault();
  change(() => (event.shiftKey ? hints.redo() : hints.undo()));
});

on("undo", "click", () => change(() => hints.undo()));
on("redo", "click", () => change(() => hints.redo()));
on("add", "click", () => place_(stage.middle));
on("zoom-in", "click", () => stage.zoom(1.5));
on("zoom-out", "click", () => stage.zoom(1 / 1.5));
on("fit", "click", () => stage.fit());
on("guesses", "click", async ({ target }) => {
  const wanted = target.ariaPressed !== "true";
  if (wanted) await showGuesses();
  target.ariaPressed = wanted;
  $("map").hidden = !wanted;
});
on("method", "change", ({ target }) => change(() => (look = { ...look, method: target.value, seed: 0 })));
for (const name of ["vividness", "saturation"]) {
  on(name, "input", ({ target }) => change(() => (look = { ...look, [name]: Number(target.value) })));
}
on("hints-clear", "click", () => change(() => hints.change([])));
on("hints-save", "click", () => {
  const content = hints.content(session.width, session.height);
  const text = JSON.stringify(content, null, 1);
  save(new Blob([text], { type: "application/json" }), `${file.name.replace(/\.[^.]*$/, "")}.hints.json`);
});

async function readHints(chosen) {
  const content = JSON.parse(await chosen.text());
  change(() => hints.read(content));
}

on("propose", "click", async () => {
  const strip = $("variants");
  strip.replaceChildren();
  busy(true);
  try {
    for (let seed = 1; seed <= PROPOSALS; seed++) {
      const blob = await api.colorize(session.id, wish({ method: PROPOSING, seed }));
      const button = document.createElement("button");
      const image = document.createElement("img");
      button.type = "button";
      button.dataset.seed = seed;
      button.ariaLabel = `Proposal ${seed}`;
      image.alt = "";
      image.src = URL.createObjectURL(blob);
      button.append(image);
      button.addEventListener("click", () => change(() => (look = { ...look, method: PROPOSING, seed })));
      strip.append(button);
    }
    tell();
  } finally {
    busy(false);
  }
});

async function refer(chosen) {
  const { id, coloured } = await api.open(chosen);
  if (!coloured) throw new Error("That picture has no colours to take.");
  $("reference-said").textContent = chosen.name;
  change(() => (reference = id));
}
on("reference", "change", async ({ target }) => {
  if (target.files.length) await refer(target.files[0]);
  target.value = "";
});
on("reference-off", "click", () => {
  $("reference-said").textContent = "";
  change(() => (reference = ""));
});

on("save", "click", async () => {
  busy(true);
  try {
    const blob = await api.colorize(session.id, wish({ size: "file", format: $("format").value }));
    save(blob, savedName(file.name, blob.type));
  } finally {
    busy(false);
  }
});

addEventListener("pagehide", () => session && api.close(session.id));

// Who is faster than the server's answers need not wait to choose a file.
async function prepare() {
  const [methods] = await Promise.all([api.methods(), options.load()]);
  known = methods.filter(({ name }) => !["gray", "mean"].includes(name));
  $("method").replaceChildren(...known.map(({ name, summary }) => new Option(name, name, false, false)));
  for (const [k, { summary }] of known.entries()) $("method").options[k].title = summary;
  for (const name of ["vividness", "saturation"]) {
    const { least, most, fallback } = options.range(name);
    Object.assign($(name), { min: least, max: most, value: fallback });
  }
  $("format").replaceChildren(
    ...options.formats().map((name) => new Option(name === "keep" ? "it came" : name.toUpperCase(), name)),
  );
  $("files").accept = ["image/*", ...options.readable(), ".json"].join(",");
  look = lookOf(fromAddress(location.hash).look);
}

const ready = prepare();
ready.catch(complain);
