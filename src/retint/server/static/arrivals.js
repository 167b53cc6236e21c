// Files that are dropped onto the page, or pasted.

// Calls take(files, where), where being the element that they fell on.
export function arrivals(take) {
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
    const { files } = event.dataTransfer;
    if (files.length) take(files, event.target);
  });
  document.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (files.length) take(files, null);
  });
}
