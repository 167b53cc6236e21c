// Short names for DOM functions.

export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { data = {}, style = {}, on = {}, ...rest } = properties;
  Object.assign(element, rest);
  Object.assign(element.dataset, data);
  Object.assign(element.style, style);
  for (const [event, handle] of Object.entries(on)) element.addEventListener(event, handle);
  element.append(...children);
  return element;
}

export const button = (text, properties = {}) => make("button", { type: "button", ...properties }, text);

// A text about clicks, for a screen that is touched.
export function inTouch(text) {
  return matchMedia("(hover: none)").matches ? text.replaceAll("Click", "Tap").replaceAll("click", "tap") : text;
}

// A phrase of the command line as a sentence.
export const sentence = (text) => text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

const canFocus = (element) => element.isConnected && !element.disabled && element.checkVisibility();

// The focus is lost when its element is removed, hidden or disabled: then it goes to the next sibling, or to `instead`.
export function keepFocus(change, instead) {
  const before = document.activeElement;
  const siblings = [...(before?.parentElement?.querySelectorAll(":scope > button") ?? [])];
  const place = siblings.indexOf(before);
  change();
  const now = document.activeElement;
  if (!before || before === document.body || (now !== before && now !== document.body) || (now === before && canFocus(now))) return;
  [before, ...siblings.slice(place + 1), ...siblings.slice(0, Math.max(0, place)).reverse(), instead].find((each) => each && canFocus(each))?.focus({ preventScroll: true });
}

// Runs work(); meanwhile the button does nothing, and keeps the focus.
export async function runWhileBusy(element, work) {
  if (element.ariaDisabled === "true") return;
  element.ariaDisabled = "true";
  try {
    await work();
  } finally {
    element.ariaDisabled = null;
  }
}

// Debounces a function: calls it once there were no further calls for some milliseconds.
export function debounce(call, milliseconds) {
  let waiting = 0;
  return (...given) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => call(...given), milliseconds);
  };
}
