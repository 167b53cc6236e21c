// Reads and writes hints files, and reads reference pictures.

import * as api from "./api.js";
import { save } from "./files.js";
import { complain } from "./notices.js";
import { askToConfirm } from "./question.js";
import { explain } from "./reading.js";
import { referencesOf } from "./references.js";
import { fromContent, toContent } from "./shapes.js";

const countText = (count) => (count === 1 ? "1 color hint" : `${count} color hints`);

// Asks before hints are replaced.
export async function readHints(file, picture, ask = askToConfirm) {
  if (!picture) return complain(new Error("open the photograph for these hints first"), file.name);
  try {
    const shapes = fromContent(JSON.parse(await file.text()));
    const had = picture.state.shapes.length;
    const text = `${picture.name} has ${countText(had)}. Replace with ${countText(shapes.length)} from ${file.name}?`;
    if (had && !(await ask(text, "Replace", "Keep"))) return;
    picture.change({ shapes });
  } catch (error) {
    complain(new Error(error instanceof SyntaxError ? "this is not a hints file" : error.message), file.name);
  }
}

export function saveHints({ name, size, state }) {
  const text = JSON.stringify(toContent(state.shapes, size), null, 1);
  save(new Blob([text], { type: "application/json" }), `${name.replace(/\.[^.]*$/, "")}.hints.json`);
}

// Adds pictures whose colors are used, in one step.
export async function addReferences(files, picture) {
  const keys = [];
  for (const file of files) {
    try {
      const { id, coloured } = await api.open(file);
      if (!coloured) throw new Error("this picture has no colors");
      const key = crypto.randomUUID();
      picture.references.set(key, file);
      picture.referenceIds[key] = Promise.resolve(id);
      keys.push(key);
    } catch (error) {
      complain(new Error(explain(error)), file.name);
    }
  }
  if (keys.length) picture.change({ references: [...referencesOf(picture.state), ...keys], reference: "" });
}
