// What has to be said: in a line above the picture, where it covers nothing.

import { $, button, make } from "./dom.js";

const LONG = 12_000; // milliseconds

function notice(text, { urgent = false, action = null } = {}) {
  const line = make("p", { className: urgent ? "notice urgent" : "notice" }, make("span", {}, text));
  const gone = () => line.remove();
  if (action) line.append(button(action.text, { on: { click: () => (gone(), action.do()) } }));
  line.append(button("×", { ariaLabel: "Close", className: "close", on: { click: gone } }));
  const region = $(urgent ? "errors" : "notices");
  for (const other of [...region.children]) if (other.textContent === line.textContent) other.remove();
  region.append(line);
  setTimeout(gone, LONG);
  return gone;
}

// Gives what takes it away again.
export const say = (text, action = null) => notice(text, { action });

// What went wrong, and with which file.
export function complain(error, name = "") {
  if (error?.name === "AbortError") return;
  notice(name ? `${name}: ${error.message}` : error.message, { urgent: true });
}
