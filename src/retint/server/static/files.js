// Saving files.

import { endingOf, mark } from "./options.js";

// photo.tif -> photo.retint.tif, with the suffix of the media type.
export function savedName(name, type) {
  return `${name.replace(/\.[^.]*$/, "") || "photo"}${mark()}${endingOf(type)}`;
}

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  download(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function download(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
