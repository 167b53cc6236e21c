// Files and folders dropped onto the page, or pasted.

import { filesOf } from "./folders.js";
import { complain } from "./notices.js";

// Calls take(files, where, folders) with the element that they were dropped on, and whether there were folders.
export function listenForFiles(take) {
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    filesOf(event.dataTransfer)
      .then(({ files, folders }) => (files.length || folders) && take(files, event.target, folders))
      .catch(complain);
  });
  document.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (files.length) take(files, null, false);
  });
}
