// Edits the current picture: hints are placed, painted, outlined, moved and changed.

import * as api from "./api.js";
import { exclude, isExclusion, moveExclusion } from "./exclusions.js";
import { hexOf, labOf } from "./color.js";
import { methodNamed } from "./document.js";
import { $ } from "./dom.js";
import { anchor, leftOf, Marks, moveTo } from "./marks.js";
import { complain } from "./notices.js";
import { hintFacts } from "./options.js";
import { noHints } from "./panel.js";
import * as help from "./help.js";
import { isClosing, pick, usePickedColor } from "./picker.js";
import { withId } from "./shapes.js";
import { Tools } from "./tools.js";

const TRY_AFTER = 15; // milliseconds that the pointer rests on a color before it is previewed
const NEW_COLOR = "#ffffff"; // color of a shape while it is drawn

export class Editor {
  constructor(stage, pictures) {
    this.stage = stage;
    this.pictures = pictures;
    const on = {
      onPlace: (place) => this.place(place),
      onExclude: (place) => this.exclude(place),
      onDrawn: (kind, points) => this.#addDrawing(kind, points),
      onMarked: (tool, points) => this.#addMarking(tool, points),
      onMove: (id, place) => this.#move(id, place),
      onPick: (id) => this.repick(id),
      onRemove: (id) => this.remove(id),
      onPickUp: (place) => this.#pickUp(place),
      onDrawing: (tool, points) => this.marks.draw(tool, points, NEW_COLOR, this.radius),
      onTool: () => this.explain(),
      isClosing,
    };
    this.marks = new Marks(on);
    this.tools = new Tools(stage, on);
    this.tools.tool = "dot";
  }

  // Says what can be done now.
  explain() {
    if (this.picture && this.tools) help.render(this.tools.tool, this.picture.state);
  }

  get picture() {
    return this.pictures.current;
  }
  // Radius of the brush, in short sides.
  get radius() {
    return Number($("brush-radius").value) / 100;
  }

  place(place) {
    return this.#add({ kind: "point", thing: true, ...place });
  }

  // Takes a place away from the thing of the nearest dot.
  exclude(place) {
    this.tools.tool = "dot";
    const shapes = exclude(this.picture.state.shapes, place);
    if (!shapes) return complain(new Error("Click a thing and color it first; then take away what is not part of it."));
    this.picture.change({ shapes });
  }

  #addDrawing(kind, points) {
    const radius = kind === "stroke" ? { radius: this.radius } : {};
    return this.#add({ kind, points, reach: 0, ...radius });
  }

  // Repairs an area, or excludes it from repair.
  #addMarking(tool, points) {
    const { picture } = this;
    this.marks.draw(null);
    const stroke = withId({ kind: "stroke", points, radius: this.radius, color: NEW_COLOR });
    const part = tool === "healer" ? "damaged" : "left";
    picture.change({ [part]: [...(picture.state[part] ?? []), stroke] });
  }

  #move(id, place) {
    const { picture } = this;
    if (!isExclusion(id)) return this.#replace(id, (shape) => moveTo(shape, place), `move ${id}`);
    picture.change({ shapes: moveExclusion(picture.state.shapes, id, place) }, `move ${id}`);
  }

  remove(id) {
    const { picture } = this;
    if (isExclusion(id)) return picture.change({ shapes: moveExclusion(picture.state.shapes, id, null) });
    picture.change({ shapes: picture.state.shapes.filter((each) => each.id !== id) });
  }

  clear() {
    this.picture.change({ shapes: [] });
  }

  async #add(shape) {
    const { picture } = this;
    if (!picture?.size) return;
    const { method } = picture.state;
    if (!methodNamed(method).takesHints) {
      this.marks.draw(null);
      return complain(new Error(noHints(method)), picture.name);
    }
    const made = withId(shape);
    this.marks.draw(made.kind, made.points ?? [[made.x, made.y]], NEW_COLOR, made.radius);
    if (made.kind === "point") this.marks.draw("stroke", [[made.x, made.y]], NEW_COLOR, hintFacts().radius);
    const chosen = await this.#choose(picture, made, null);
    this.marks.draw(null);
    if (!chosen) return;
    picture.change({ shapes: [...picture.state.shapes, { ...made, ...chosen }] });
    this.marks.focus(made.id);
  }

  async repick(id) {
    if (isExclusion(id)) return this.remove(id);
    const { picture } = this;
    const { method, shapes } = picture.state;
    if (!methodNamed(method).takesHints) return complain(new Error(noHints(method)), picture.name);
    const shape = shapes.find((each) => each.id === id);
    const chosen = await this.#choose(picture, shape, shape.color);
    if (chosen === "removed") return this.remove(id);
    if (chosen) this.#replace(id, (each) => ({ ...each, ...chosen }));
    this.marks.focus(id);
  }

  #replace(id, how, kind = "") {
    const { picture } = this;
    picture.change({ shapes: picture.state.shapes.map((each) => (each.id === id ? how(each) : each)) }, kind);
  }

  // Asks for a color, with a preview of the color under the pointer; null if nothing was chosen.
  async #choose(picture, shape, current) {
    const place = anchor(shape);
    const stop = new AbortController();
    let waiting = 0;
    let tried = false;
    const { divider } = this.stage;
    const others = picture.state.shapes.filter(({ id }) => id !== shape.id);
    const outline = ({ thing }) => (thing ? this.outline.hold(place) : this.outline.hide());
    outline(shape);
    const onTry = (color, how) => {
      outline(how);
      if (!color && !tried) return;
      if (!tried) this.stage.reveal(leftOf(shape));
      tried = true;
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const shapes = color ? [...others, { ...shape, color, ...how }] : picture.state.shapes;
        picture.show({ ...picture.state, shapes });
      }, TRY_AFTER);
    };
    const likely = async (take) => {
      try {
        take(await picture.ask((id) => api.likely(id, place.x, place.y, stop.signal)));
      } catch {
        take([]); // the other swatches remain usable
      }
    };
    const chosen = await pick({
      where: () => [this.stage.windowOf(place), this.stage.seen],
      lightness: labOf(this.colorAt(place, "before"))[0],
      current, likely, onTry,
      reach: shape.reach ?? hintFacts().everywhere,
      thing: shape.kind === "point" ? Boolean(shape.thing) : undefined,
      onPickUp: () => (this.tools.tool = "dropper"),
      onExclude: () => (this.tools.tool = "exclude"),
    });
    clearTimeout(waiting);
    stop.abort();
    this.outline.hide();
    if (!chosen && tried) {
      this.stage.divider = divider;
      picture.show();
    }
    return chosen;
  }

  #pickUp(place) {
    this.tools.tool = "dot";
    usePickedColor(this.colorAt(place, "after"));
  }

  // Color of a displayed image, averaged over a few pixels.
  colorAt({ x, y }, id) {
    const image = $(id === "before" ? "original" : id);
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext("2d");
    context.drawImage(image, Math.floor(x * width) - 2, Math.floor(y * height) - 2, 5, 5, 0, 0, 1, 1);
    return hexOf([...context.getImageData(0, 0, 1, 1).data].slice(0, 3));
  }
}
