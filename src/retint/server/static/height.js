// Leaves room in the window for what is above the stage and for the toolbar below it.

import { $ } from "./dom.js";

function measure() {
  const above = $("stage").getBoundingClientRect().top + scrollY;
  if ($("editor").hidden) return;
  $("stage").style.setProperty("--others", `${Math.ceil(above + $("view-tools").offsetHeight)}px`);
}

const observer = new ResizeObserver(measure);
for (const id of ["errors", "notices", "strip", "no-hints", "stage", "view-tools"]) observer.observe($(id));
addEventListener("resize", measure);
