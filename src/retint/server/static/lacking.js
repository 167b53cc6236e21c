// Hides what this page does not offer: elements that need an option or a path that is not there.

import { offers } from "./options.js";

export function hide() {
  for (const each of document.querySelectorAll("[data-needs]")) each.classList.toggle("lacking", !offers(each.dataset.needs));
}
