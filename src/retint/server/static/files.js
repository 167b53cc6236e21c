// Saving files.

import { say } from "./notices.js";
import { endingOf, resultMark } from "./options.js";

// photo.tif -> photo.retint.tif, with the suffix of the media type.
export function resultName(name, type) {
  return `${name.replace(/\.[^.]*$/, "") || "photo"}${resultMark()}${endingOf(type)}`;
}

// 1234567 -> 1.2 MB
export function sizeText(bytes) {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size).toLocaleString("en")} ${unit}`;
}

// Saves a file, and says what was saved; only the browser knows where.
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  download(url, name);
  say(`Saved ${name}, ${sizeText(blob.size)}. It is where your browser keeps downloads.`);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function download(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
