// Where the popover stands: beside the picture, or at the bottom of a narrow window; it can be moved.

import { $ } from "./dom.js";

const MARGIN = 12; // pixels around it
const STEP = 24; // pixels per press of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const popover = $("picker");
const head = $("picker-head");
const between = (least, value, most) => Math.max(least, Math.min(most, value));
const room = () => [document.documentElement.clientWidth, innerHeight];

let isSheet = false; // at the bottom, and not moved since
new ResizeObserver(() => isSheet && moveTo(0, innerHeight - popover.getBoundingClientRect().height)).observe(popover);

// place: [x, y] in the window; picture: the rectangle in which the picture is seen.
export function placePopover([x, y], picture) {
  const { width, height } = popover.getBoundingClientRect();
  const [wide, high] = room();
  // The style sheet decides which windows are narrow.
  isSheet = Boolean(getComputedStyle(popover).getPropertyValue("--sheet"));
  if (isSheet) {
    moveTo(0, high - height);
    return scrollBy(0, Math.max(0, y + MARGIN - (high - height)));
  }
  const fits = (left) => left >= 0 && left + width <= wide;
  const sides = [picture.right + MARGIN, picture.left - MARGIN - width, x + MARGIN];
  moveTo(sides.find(fits) ?? x - MARGIN - width, between(MARGIN, y - height / 3, high - height - MARGIN));
}

// Its head stays within the window.
function moveTo(left, top) {
  const [wide, high] = room();
  popover.style.left = `${between(0, left, wide - popover.offsetWidth)}px`;
  popover.style.top = `${between(0, top, high - head.offsetHeight - MARGIN)}px`;
}

function moveBy(across, down) {
  isSheet = false;
  const { left, top } = popover.getBoundingClientRect();
  moveTo(left + across, top + down);
}

let last = [0, 0]; // where the pointer was
head.addEventListener("pointerdown", ({ button, pointerId, clientX, clientY }) => {
  if (button > 0) return;
  head.setPointerCapture(pointerId);
  last = [clientX, clientY];
});
head.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
  if (!head.hasPointerCapture(pointerId)) return;
  moveBy(clientX - last[0], clientY - last[1]);
  last = [clientX, clientY];
});
$("picker-move").addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  moveBy(STEP * arrow[0], STEP * arrow[1]);
});
