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

// Debounces a function: calls it once there were no further calls for some milliseconds.
export function settled(call, milliseconds) {
  let waiting = 0;
  return (...given) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => call(...given), milliseconds);
  };
}
