// Comparison with the original, another method, or an earlier version.

import { $ } from "./dom.js";
import { complain } from "./notices.js";

const ORIGINAL = "original";

export class Comparison {
  #held = { key: "", url: "" }; // the other picture and its URL
  #asked = 0;

  // others(picture): [name, state] of the pictures it can be compared with.
  constructor(stage, others) {
    this.stage = stage;
    this.others = others;
    $("versus").addEventListener("change", () => this.show(this.picture));
    $("side").addEventListener("click", ({ currentTarget }) => {
      const on = currentTarget.ariaPressed !== "true";
      currentTarget.ariaPressed = on;
      stage.side = on;
    });
  }

  // Fills the list and the left pane.
  async show(picture) {
    if (picture !== this.picture) $("versus").value = ORIGINAL;
    this.picture = picture;
    const before = $("versus").value;
    const others = this.others(picture);
    $("versus").replaceChildren(
      new Option("the original", ORIGINAL),
      ...others.map(([name], k) => new Option(name, String(k))),
    );
    $("versus").value = before || ORIGINAL;
    if (!$("versus").value) $("versus").value = ORIGINAL;
    const wanted = ++this.#asked;
    const other = others[Number($("versus").value)];
    if ($("versus").value === ORIGINAL || !other) return this.#setImage(picture.urls.before);
    const key = JSON.stringify([picture.id, other[1]]);
    try {
      if (this.#held.key !== key) {
        const blob = await picture.colorize(other[1]);
        if (wanted !== this.#asked) return;
        URL.revokeObjectURL(this.#held.url);
        this.#held = { key, url: URL.createObjectURL(blob) };
      }
      this.#setImage(this.#held.url);
    } catch (error) {
      complain(error, picture.name);
    }
  }

  #setImage(url) {
    const image = $("before");
    image.hidden = !url;
    if (url && image.src !== url) image.src = url;
  }
}
