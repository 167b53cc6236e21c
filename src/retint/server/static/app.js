// The page: opens photographs, shows the current one, and applies the controls to it.

import * as api from "./api.js";
import { Comparison } from "./compare.js";
import { setMethods, SLIDERS } from "./document.js";
import { $, debounce, keepFocus } from "./dom.js";
import { Editor } from "./editor.js";
import * as exchange from "./exchange.js";
import * as film from "./film.js";
import * as framing from "./framing.js";
import * as guesses from "./guesses.js";
import "./height.js";
import * as lacking from "./lacking.js";
import * as looks from "./looks.js";
import { complain, say } from "./notices.js";
import * as opening from "./opening.js";
import * as options from "./options.js";
import * as panel from "./panel.js";
import { isClosing } from "./picker.js";
import { Pictures } from "./pictures.js";
import * as overview from "./overview.js";
import * as reading from "./reading.js";
import * as references from "./references.js";
import * as remembering from "./remembering.js";
import * as saving from "./saving.js";
import { Stage } from "./stage.js";
import { Outline } from "./things.js";
import * as specks from "./specks.js";
import * as strip from "./strip.js";
import "./theme.js";
import * as variants from "./variants.js";

const CLOSER_AFTER = 600; // milliseconds without a change before all pixels are requested
const BUSY_AFTER = 250;

let defaultMethod = "";
let methods = [];
let busy = 0;

const stage = new Stage({
  onZoom: () => requestSharp(),
  onPress: (place) => isClosing() || editor.place(place),
});
const pictures = new Pictures(initialState);
const editor = new Editor(stage, pictures);
const outline = (editor.outline = new Outline(stage, editor));
const comparison = new Comparison(stage, comparisons);
const onHint = { onPick: (id) => editor.repick(id), onRemove: (id) => editor.remove(id) };

// The initial state of a photograph.
function initialState() {
  const sliders = SLIDERS.map((name) => [name, options.range(name).fallback]);
  return { method: defaultMethod, look: options.fallback("look"), seed: 0, shapes: [], left: [], references: [], remember: remembering.isUsual(), ...Object.fromEntries(sliders) };
}

// Versions and methods that a picture can be compared with, besides the original.
function comparisons(picture) {
  const others = methods.map(({ name }) => [name, { ...picture.state, method: name, seed: 0 }]);
  return [...picture.versions.map(({ name, state }) => [name, state]), ...others];
}

// ---- the current photograph

function open(picture) {
  pictures.choose(picture);
  showView("editor");
}

// Discard what belongs to the previous picture.
pictures.addEventListener("current", () => {
  const { current } = pictures;
  variants.clear();
  looks.clear();
  stopGuesses();
  specks.hide();
  outline.hide();
  showBusy(false);
  if (!current) return showView("start");
  for (const id of ["after", "before", "original"]) $(id).hidden = true;
  for (const each of [$("after"), $("before"), $("original")]) each.removeAttribute("src");
  stage.startDivider(current.state.shapes.length > 0);
  render();
  if (current.urls.after) show(current);
});
pictures.addEventListener("change", () => {
  if (pictures.current?.state.shapes.length) stage.openDivider();
  render();
  refreshGuesses();
});
pictures.addEventListener("opened", ({ detail }) => {
  if (detail.info.in_color) say(`${detail.name} is already in color; the preview shows new colors on its lightness.`);
  if (detail === pictures.current) render();
});
pictures.addEventListener("busy", ({ detail }) => {
  if (detail === pictures.current) showBusy(true);
});
pictures.addEventListener("shown", ({ detail }) => detail === pictures.current && show(detail));
pictures.addEventListener("failed", ({ detail }) => {
  complain(new Error(detail.error), detail.name);
  if (detail !== pictures.current) return;
  showBusy(false);
  if (!detail.urls.before && pictures.list.length === 1) {
    pictures.remove(detail); // it cannot be displayed
    showView("start");
  }
});
let warned = false;
pictures.addEventListener("unkept", ({ detail }) => {
  if (!warned) say(`${detail.picture.name} is too large for the browser's storage: save it before you close this page.`);
  warned = true;
});

function show(picture) {
  showBusy(false);
  if (!picture.urls.after) return;
  stage.show(picture.size);
  setImage("after", picture.urls.after);
  setImage("original", picture.urls.before);
  comparison.show(picture);
  requestSharp();
  looks.refresh(picture);
}

// Show that it is busy only if it takes long.
function showBusy(on) {
  $("stage").ariaBusy = String(on);
  clearTimeout(busy);
  if (on) busy = setTimeout(() => ($("busy").hidden = false), BUSY_AFTER);
  else $("busy").hidden = true;
}

function setImage(id, url) {
  const image = $(id);
  if (url && image.src !== url) image.src = url;
  image.hidden = id === "original" || !url;
}

function render() {
  keepFocus(renderAll, $("stage"));
}

function renderAll() {
  const { current } = pictures;
  if (!current || !methods.length) return;
  if (current.size) stage.show(current.size);
  editor.marks.show(current.state.shapes, current.size ?? [1, 1]);
  panel.render(current, onHint);
  editor.explain();
  looks.render(current.state);
  variants.render(current.state);
  film.render(current);
  specks.render(current, editor.tools);
  references.render(current);
  remembering.render(current);
}

// Request all pixels if the picture is zoomed in and has not changed for a while.
const requestSharp = debounce(() => {
  const { current } = pictures;
  if (!current?.size || !current.done || current.sharp) return;
  const preview = Math.min(1, Math.sqrt(options.previewPixels() / (current.size[0] * current.size[1])));
  if (preview < 1 && stage.scale * devicePixelRatio > preview * 1.1) {
    current.sharpen().catch((error) => complain(error, current.name));
  }
}, CLOSER_AFTER);

function change(part, kind) {
  pictures.current?.change(part, kind);
}

// The browser's back button leaves the editor, not the page.
function showView(name, { remember = true } = {}) {
  keepFocus(() => {
    $("start").hidden = name !== "start";
    $("editor").hidden = name !== "editor";
  }, $("stage"));
  if (remember && (history.state?.view ?? "start") !== name) history.pushState({ view: name }, "");
  if (name === "editor") stage.fit();
}
addEventListener("popstate", ({ state }) => {
  showView(state?.view === "editor" && pictures.current ? "editor" : "start", { remember: false });
});

// ---- uncertain areas

const refreshGuesses = debounce(() => {
  if (specks.areShown()) specks.show(pictures.current).catch(complain);
  if ($("guesses").ariaPressed === "true") showGuesses().catch(complain);
}, 400);

const showGuesses = () => guesses.show(pictures.current, (place) => editor.place(place));

function stopGuesses() {
  $("guesses").ariaPressed = "false";
  guesses.hide();
}

// ---- the controls

function on(id, event, handle) {
  $(id).addEventListener(event, async (happened) => {
    try {
      await handle(happened);
    } catch (error) {
      complain(error, pictures.current?.name);
    }
  });
}

document.addEventListener("keydown", (event) => {
  const { current } = pictures;
  if (!current || $("editor").hidden) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    return event.shiftKey ? current.redo() : current.undo();
  }
  if (event.target !== $("stage")) return;
  if (event.key === "Enter" && (event.altKey || editor.tools.tool === "exclude")) editor.exclude(stage.middle);
  else if (event.key === "Enter") editor.place(stage.middle);
  else if (!stage.key(event.key)) return;
  event.preventDefault();
});
on("undo", "click", () => pictures.current.undo());
on("redo", "click", () => pictures.current.redo());
on("add", "click", () => editor.place(stage.middle));
on("zoom-in", "click", () => stage.zoom(1.5));
on("zoom-out", "click", () => stage.zoom(1 / 1.5));
on("fit", "click", () => stage.fit());
for (const each of document.querySelectorAll("[data-choose-tool]")) {
  each.addEventListener("click", () => (editor.tools.tool = each.dataset.chooseTool));
}
on("guesses", "click", async ({ currentTarget: toggle }) => {
  if (toggle.ariaPressed === "true") return stopGuesses();
  toggle.ariaPressed = "true";
  await showGuesses();
});
on("specks-shown", "click", async ({ currentTarget: toggle }) => {
  const wanted = toggle.ariaPressed !== "true";
  toggle.ariaPressed = String(wanted);
  if (wanted) await specks.show(pictures.current);
  else $("specks").hidden = true;
});
on("keep", "click", () => {
  const { current } = pictures;
  const name = `Version ${current.versions.length + 1}`;
  current.versions.push({ name, state: current.state });
  comparison.show(current);
  say(`${name} is kept. You can compare with it or return to it.`, { text: "Return to it", do: () => current.change(current.versions.at(-1).state) });
});
on("hints-clear", "click", () => editor.clear());
on("hints-save", "click", () => exchange.saveHints(pictures.current));
for (const image of document.querySelectorAll("#stage img")) {
  image.addEventListener("error", () => (image.hidden = true)); // hide broken pictures
}

// Free the server's memory when the page is closed.
addEventListener("pagehide", ({ persisted }) => persisted || pictures.list.forEach((each) => each.close()));

// Files can be chosen before the server has responded.
async function prepare() {
  const [all] = await Promise.all([api.methods(), options.load()]);
  methods = all.filter(({ baseline }) => !baseline);
  defaultMethod = methods.find((each) => each.default).name;
  setMethods(methods);
  lacking.hide();
  panel.start(methods, {
    onChange: change,
    onTurn: () => change({ upright: panel.nextTurn(pictures.current.state.upright) }, "turn"),
  });
  await looks.start(change);
  framing.start({ current: () => pictures.current, change });
  variants.start({
    current: () => pictures.current,
    defaultMethod: () => defaultMethod,
    hasMethod: (name) => methods.some((each) => each.name === name),
    choose: change,
  });
  saving.start(() => pictures.current);
  strip.start(pictures, open);
  overview.start(pictures, { open, close: strip.close });
  film.start(pictures);
  references.start(pictures);
  remembering.start(pictures);
  reading.render();
  if (await pictures.restore()) showView(history.state?.view ?? "editor", { remember: false });
}

const ready = prepare();
ready.catch(complain);
opening.start({ pictures, ready, open });
