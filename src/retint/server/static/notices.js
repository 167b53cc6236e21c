// Notices, in a line above the picture.

import { $, button, make } from "./dom.js";

const LONG = 12_000; // milliseconds

function notice(text, { urgent = false, action = null } = {}) {
  const line = make("p", { className: urgent ? "notice urgent" : "notice" }, make("span", {}, text));
  const focused = document.activeElement;
  const close = () => {
    const had = line.contains(document.activeElement);
    line.remove();
    if (had) (focused?.isConnected ? focused : $("stage")).focus({ preventScroll: true });
  };
  if (action) line.append(button(action.text, { on: { click: () => (close(), action.do()) } }));
  line.append(button("×", { ariaLabel: "Close", className: "close", on: { click: close } }));
  const region = $(urgent ? "errors" : "notices");
  for (const other of [...region.children]) if (other.textContent === line.textContent) other.remove();
  region.append(line);
  setTimeout(close, LONG);
  return close;
}

// Returns a function that removes the notice.
export const say = (text, action = null) => notice(text, { action });

// Shows an error, with the name of its file.
export function complain(error, name = "") {
  if (error?.name === "AbortError") return;
  notice(name ? `${name}: ${error.message}` : error.message, { urgent: true });
}
