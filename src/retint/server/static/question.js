// A question that must be answered before anything else.

import { $ } from "./dom.js";

// Resolves to whether the first answer was chosen; Escape is the second.
export function askToConfirm(text, yes, no) {
  const dialog = $("question");
  $("question-text").textContent = text;
  $("question-yes").textContent = yes;
  $("question-no").textContent = no;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => {
    $("question-yes").onclick = () => dialog.close("yes");
    $("question-no").onclick = () => dialog.close();
    dialog.onclose = () => done(dialog.returnValue === "yes");
  });
}
