// Outlines the thing under the mouse, which a dot there would color.

import * as api from "./api.js";
import { methodNamed } from "./document.js";
import { $ } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const AGAIN_AFTER = 50; // milliseconds between an answer and the next request
const STEP = 0.004; // share of the picture by which the mouse moves before another request
const POINTING = ["dot", "exclude"]; // tools that are about things

export class Outline {
  #wanted = null;
  #shown = null;
  #asking = false;
  #held = null; // the place of a dot whose color is chosen

  constructor(stage, editor) {
    Object.assign(this, { stage, editor });
    stage.element.addEventListener("pointermove", (event) => this.#move(event));
    stage.element.addEventListener("pointerdown", () => this.hide());
    stage.element.addEventListener("pointerleave", () => this.#held || this.hide());
  }

  // Outlines what a dot at a place colors, until it is hidden, so that one sees that also without a mouse.
  async hold(place) {
    if (place === this.#held) return;
    this.hide();
    this.#held = place;
    const { picture } = this.editor;
    if (!methodNamed(picture.state.method).things) return;
    try {
      const lines = await picture.ask((id) => api.thing(id, place.x, place.y));
      if (this.#held === place) draw(lines, "held");
    } catch {
      // The preview shows it too.
    }
  }

  hide() {
    this.#wanted = this.#shown = this.#held = null;
    $("outline").replaceChildren();
  }

  #move(event) {
    if (this.#held) return;
    const place = this.stage.placeOf(...this.stage.at(event));
    if (!this.#applies(event, place)) return this.hide();
    const from = this.#wanted ?? this.#shown;
    if (from && Math.hypot(from.x - place.x, from.y - place.y) < STEP) return;
    this.#wanted = place;
    if (!this.#asking) this.#ask();
  }

  #applies({ pointerType, buttons, target }, { x, y }) {
    const { picture, tools } = this.editor;
    if (pointerType !== "mouse" || buttons || target.closest(".dot, button, input")) return false;
    if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) return false;
    return Boolean(picture?.urls.after && methodNamed(picture.state.method).things && POINTING.includes(tools.tool));
  }

  async #ask() {
    this.#asking = true;
    try {
      while (this.#wanted) {
        const place = (this.#shown = this.#wanted);
        this.#wanted = null;
        const { picture } = this.editor;
        const lines = await picture.ask((id) => api.thing(id, place.x, place.y));
        if (this.#shown === place && picture === this.editor.picture) draw(lines);
        await new Promise((done) => setTimeout(done, AGAIN_AFTER));
      }
    } catch {
      this.hide(); // clicks work without it
    } finally {
      this.#asking = false;
    }
  }
}

function draw(lines, kind = "") {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", kind);
  path.setAttribute("d", lines.map((line) => `M${line.map(([x, y]) => `${x} ${y}`).join("L")}Z`).join(""));
  $("outline").replaceChildren(path);
}
