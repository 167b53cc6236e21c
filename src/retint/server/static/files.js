// Files that the page gives back.

import { endingOf } from "./options.js";

// photo.tif -> photo.retint.tif, by what it has become.
export function savedName(name, type) {
  return `${name.replace(/\.[^.]*$/, "") || "photo"}.retint${endingOf(type)}`;
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
