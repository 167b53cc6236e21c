// How the saved picture is turned, straightened and cropped: numbers in the state of a photograph,
// changed in a dialog. Hints and the display stay in the coordinates of the uploaded picture.

import { $ } from "./dom.js";
import * as options from "./options.js";

const FIELDS = ["turn", "straighten", "crop"];
const WHOLE = { x: 0, y: 0, width: 100, height: 100 }; // percent
const SMALLEST = 2; // percent of a side below which a drag is a press
const VIEW = 420; // longest side of the preview in pixels
const VIEW_SHARE = 0.5; // of the height of the window, at most
const SLOPE = 15; // degrees; a picture that slopes more is rare

// The framing of a state; without one, that of a picture that is not changed.
export function framingOf(state = {}) {
  return Object.fromEntries(FIELDS.map((name) => [name, state[name] ?? options.fallback(name)]));
}

// The fields of a request for the file.
export function fields(state) {
  const framing = framingOf(state);
  return Object.fromEntries(Object.entries(framing).filter(([name, value]) => value !== options.fallback(name)));
}

// Width and height of the largest rectangle of the same proportions within a rotated one.
export function innerSize([width, height], degrees) {
  const angle = (Math.abs(degrees) * Math.PI) / 180;
  const share = 1 / (Math.cos(angle) + Math.sin(angle) * Math.max(height / width, width / height));
  return [width * share, height * share];
}

export function turnedSize([width, height], turn) {
  return turn === "90" || turn === "270" ? [height, width] : [width, height];
}

export function nextTurn(turn) {
  const quarters = [options.fallback("turn"), ...options.choices("turn").filter(Number)];
  return quarters[(quarters.indexOf(turn) + 1) % quarters.length];
}

// The same part of the picture after a quarter turn clockwise.
export const turnedPart = ({ x, y, width, height }) => ({ x: 100 - y - height, y: x, width: height, height: width });

export function partOf(crop) {
  if (!crop) return WHOLE;
  const [x, y, width, height] = crop.split(",").map((each) => Number.parseFloat(each));
  return { x, y, width, height };
}

export function cropOf({ x, y, width, height }) {
  const [left, top] = [x, y].map((each) => Math.min(100 - SMALLEST, Math.max(0, each)));
  const [right, bottom] = [Math.min(100, x + width), Math.min(100, y + height)];
  const part = [left, top, Math.max(SMALLEST, right - left), Math.max(SMALLEST, bottom - top)];
  const text = part.map((each) => `${Number(each.toFixed(2))}%`).join(",");
  return text === "0%,0%,100%,100%" ? "" : text;
}

export function describe(state) {
  const { turn, straighten, crop } = framingOf(state);
  const parts = [Number(turn) > 0 && `turned by ${turn}°`, straighten && `straightened by ${straighten}°`, crop && "cropped"];
  return parts.filter(Boolean).join(", ") || "as it is";
}

let framing = {};
let size = [1, 1];

// current(): the photograph; change(part, kind): changes its state.
export function start({ current, change }) {
  const dialog = $("framing");
  const { help } = options;
  $("framing-help").textContent = help("turn");
  Object.assign($("straighten"), { min: -SLOPE, max: SLOPE, step: 0.1 });
  $("framing-open").addEventListener("click", () => {
    const picture = current();
    if (!picture?.size) return;
    [framing, size] = [framingOf(picture.state), picture.size];
    $("framing-picture").src = picture.urls.after ?? picture.urls.before;
    dialog.showModal();
    layOut();
  });
  $("framing-turn").addEventListener("click", () => {
    const crop = framing.crop && cropOf(turnedPart(partOf(framing.crop)));
    set({ turn: nextTurn(framing.turn), crop });
  });
  $("straighten").addEventListener("input", ({ target }) => set({ straighten: Number(target.value) }));
  $("framing-none").addEventListener("click", () => set(framingOf()));
  $("framing-cancel").addEventListener("click", () => dialog.close());
  $("framing-apply").addEventListener("click", () => {
    dialog.close();
    change(framing, "");
  });
  for (const name of Object.keys(WHOLE)) {
    $(`crop-${name}`).addEventListener("change", ({ target }) => {
      set({ crop: cropOf({ ...partOf(framing.crop), [name]: Number(target.value) || 0 }) });
    });
  }
  enableDrawing($("framing-view"));
}

export function render({ state }) {
  $("framing-said").value = describe(state);
}

function set(part) {
  framing = { ...framing, ...part };
  layOut();
}

// Shows the result: the picture is rotated behind a window of the size of the result.
function layOut() {
  const { turn, straighten, crop } = framing;
  const inner = innerSize(turnedSize(size, turn), straighten);
  const scale = Math.min(VIEW / Math.max(...inner), (VIEW_SHARE * innerHeight) / inner[1]);
  Object.assign($("framing-view").style, { width: `${inner[0] * scale}px`, height: `${inner[1] * scale}px` });
  Object.assign($("framing-picture").style, {
    width: `${size[0] * scale}px`, height: `${size[1] * scale}px`,
    transform: `translate(-50%, -50%) rotate(${(Number(turn) || 0) + straighten}deg)`,
  });
  const part = partOf(crop);
  Object.assign($("framing-part").style, {
    left: `${part.x}%`, top: `${part.y}%`, width: `${part.width}%`, height: `${part.height}%`,
  });
  for (const [name, value] of Object.entries(part)) $(`crop-${name}`).value = value;
  $("straighten").value = straighten;
  $("straighten-said").value = `${straighten.toFixed(1)}°`;
}

// A drag draws the part that is kept; a press keeps everything.
function enableDrawing(view) {
  let first = null;
  const place = ({ clientX, clientY }) => {
    const box = view.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map((each) => 100 * Math.min(1, Math.max(0, each)));
  };
  view.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    first = place(event);
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    if (!first) return;
    const [x, y] = place(event);
    const [width, height] = [Math.abs(x - first[0]), Math.abs(y - first[1])];
    const drawn = width >= SMALLEST && height >= SMALLEST;
    set({ crop: drawn ? cropOf({ x: Math.min(x, first[0]), y: Math.min(y, first[1]), width, height }) : "" });
  });
  view.addEventListener("pointerup", (event) => {
    const [x, y] = place(event);
    if (first && Math.abs(x - first[0]) < SMALLEST && Math.abs(y - first[1]) < SMALLEST) set({ crop: "" });
    first = null;
  });
}
