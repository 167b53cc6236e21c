// Leaves room in the window for what is above the stage and for the toolbar below it.

import { $ } from "./dom.js";

// The workplace stays in view while the page scrolls, so its own place says nothing; that of the editor does.
function measure() {
  if ($("editor").hidden) return;
  const top = (id) => $(id).getBoundingClientRect().top;
  const above = top("editor") + scrollY + top("stage") - top("workplace");
  $("stage").style.setProperty("--others", `${Math.ceil(above + $("view-tools").offsetHeight)}px`);
}

const observer = new ResizeObserver(measure);
for (const id of ["errors", "notices", "strip", "no-hints", "stage-help", "stage", "view-tools"]) observer.observe($(id));
addEventListener("resize", measure);
