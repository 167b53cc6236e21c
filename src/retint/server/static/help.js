// The line at the picture: what one can do with the tool, and how to correct the color chosen last.

import { methodNamed } from "./document.js";
import { $, inTouch } from "./dom.js";

const OF_TOOLS = {
  exclude: "Click what should keep its own color.",
  brush: "Paint over something: the color stays where you paint.",
  region: "Draw around something: the color stays inside.",
  healer: "Paint over what should be repaired.",
  eraser: "Paint over what should not be repaired.",
  dropper: "Click the color that you want to use.",
};
const COMPARE = "Drag the line to compare.";
const FIRST = `Click anything that has the wrong color, and choose a better one. ${COMPARE}`;
const AGAIN = "Too much is colored? Choose Not this, and click there. To change or remove a color, click its dot.";

// tool: the chosen one; state: that of the picture.
export function render(tool, { method, shapes }) {
  const placed = shapes.some(({ thing }) => thing) ? AGAIN : FIRST;
  const said = inTouch(OF_TOOLS[tool] ?? (methodNamed(method).takesHints ? placed : COMPARE));
  if ($("stage-help").textContent !== said) $("stage-help").textContent = said;
}
