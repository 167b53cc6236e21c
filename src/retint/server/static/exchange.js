// Reads and writes hints files, and reads reference pictures.

import * as api from "./api.js";
import { save } from "./files.js";
import { complain } from "./notices.js";
import { fromContent, toContent } from "./shapes.js";

export async function readHints(file, picture) {
  if (!picture) return complain(new Error("open the photograph for these hints first"), file.name);
  try {
    picture.change({ shapes: fromContent(JSON.parse(await file.text())) });
  } catch (error) {
    complain(new Error(error instanceof SyntaxError ? "this is not a hints file" : error.message), file.name);
  }
}

export function saveHints({ name, size, state }) {
  const text = JSON.stringify(toContent(state.shapes, size), null, 1);
  save(new Blob([text], { type: "application/json" }), `${name.replace(/\.[^.]*$/, "")}.hints.json`);
}

export async function refer(file, picture) {
  const { id, coloured } = await api.open(file);
  if (!coloured) return complain(new Error("this picture has no colors"), file.name);
  const key = crypto.randomUUID();
  picture.references.set(key, file);
  picture.referenceIds[key] = Promise.resolve(id);
  picture.change({ reference: key });
}
