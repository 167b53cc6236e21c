// Files dropped onto the page or pasted.

// Calls take(files, where) with the element that they were dropped on.
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
