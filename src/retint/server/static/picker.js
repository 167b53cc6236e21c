// What colour is this? Swatches that are likely there, some that are often met, and any other.

const USUAL = [
  ["#c68863", "skin"], ["#e3b590", "fair skin"], ["#7c4a2d", "brown skin"], ["#5d3a22", "brown hair"],
  ["#87a9cf", "sky"], ["#55703c", "grass"], ["#8a5a33", "wood"], ["#9c4a3a", "brick"],
  ["#2f3e63", "navy"], ["#8c2f39", "wine red"], ["#d9c08a", "straw"], ["#8a8a8a", "grey"],
];

const dialog = document.getElementById("picker");
const likely = document.getElementById("likely");
const usual = document.getElementById("usual");
const free = document.getElementById("free");
const remove = document.getElementById("picker-delete");
let choose = () => {};

usual.replaceChildren(...USUAL.map(([color, name]) => swatch(color, name)));

function swatch(color, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.style.backgroundColor = color;
  button.ariaLabel = name;
  button.title = name;
  button.addEventListener("click", () => {
    choose(color);
    dialog.close("chosen");
  });
  return button;
}

// Asks for a colour: "#rrggbb", or null to leave all as it is, or "delete".
export function pick({ likelyColors, current = null }) {
  likely.replaceChildren();
  document.getElementById("likely-said").textContent = "Likely here: …";
  likelyColors
    .then((colors) => {
      document.getElementById("likely-said").textContent = "Likely here:";
      likely.replaceChildren(...colors.map((color) => swatch(color, `likely: ${color}`)));
    })
    .catch(() => (document.getElementById("likely-said").textContent = "Likely here: cannot say."));
  remove.hidden = current === null;
  if (current) free.value = current;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => {
    let chosen = null;
    choose = (color) => (chosen = color);
    dialog.addEventListener(
      "close",
      () => {
        const { returnValue } = dialog;
        if (returnValue === "free") chosen = free.value;
        done(returnValue === "delete" ? "delete" : chosen);
      },
      { once: true },
    );
  });
}
