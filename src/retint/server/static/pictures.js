// All open photographs and the current one; the others are colored in the background.

import { Picture, SHARED } from "./document.js";
import { debounce } from "./dom.js";
import { Pace } from "./pace.js";
import * as store from "./store.js";

const CURRENT = "current";
const SAVE_AFTER = 300; // milliseconds

export class Pictures extends EventTarget {
  #list = [];
  #current = null;
  #coloring = false;
  pace = new Pace(); // of the pictures that are colored in the background

  constructor(initialState) {
    super();
    this.initialState = initialState; // returns the initial state of a photograph
  }

  get list() {
    return this.#list;
  }
  get current() {
    return this.#current;
  }

  // Restores the photographs that were open before a reload.
  async restore() {
    for (const { file, past, now, ...kept } of await store.all()) {
      this.#take(new Picture(file, null, { ...kept, file, past, now }));
    }
    const found = this.#list.find(({ id }) => id === sessionStorage[CURRENT]) ?? this.#list.at(-1);
    this.#emit("list");
    if (found) this.choose(found);
    return found;
  }

  add(files) {
    return this.#addAll(files.map((file) => new Picture(file, this.initialState())));
  }

  // Adds stills of a film: files with their shots.
  addStills(stills) {
    return this.#addAll(stills.map(({ file, film }) => new Picture(file, this.initialState(), { film })));
  }

  #addAll(added) {
    for (const picture of added) {
      this.#take(picture);
      this.#keep(picture);
    }
    this.#emit("list");
    return added;
  }

  #take(picture) {
    this.#list.push(picture);
    const later = debounce(() => this.#list.includes(picture) && this.#keep(picture), SAVE_AFTER);
    picture.addEventListener("change", () => {
      picture.done = false;
      later();
      if (picture === this.#current) picture.show();
      else this.#colorOthers();
      this.#emit("change");
    });
    picture.addEventListener("saved", later);
    for (const what of ["busy", "shown", "failed", "opened"]) {
      picture.addEventListener(what, () => this.dispatchEvent(new CustomEvent(what, { detail: picture })));
    }
  }

  // A picture that the browser cannot store is lost only when the page closes.
  async #keep(picture) {
    const order = this.#list.indexOf(picture);
    try {
      await store.keep({ ...picture.record, order });
    } catch (error) {
      this.dispatchEvent(new CustomEvent("unkept", { detail: { picture, error } }));
    }
  }

  choose(picture) {
    this.#current = picture;
    sessionStorage[CURRENT] = picture.id;
    this.#emit("current");
    if (!picture.done) picture.show().then(() => this.#colorOthers());
    else this.#colorOthers();
  }

  remove(picture) {
    const place = this.#list.indexOf(picture);
    this.#list.splice(place, 1);
    store.forget(picture.id).catch(() => {});
    if (picture === this.#current) {
      this.#current = null;
      const next = this.#list[Math.min(place, this.#list.length - 1)];
      if (next) this.choose(next);
      else this.#emit("current");
    }
    this.#emit("list");
    return () => this.#restore(picture, place);
  }

  removeAll() {
    const list = this.#list;
    const current = this.#current;
    this.#list = [];
    this.#current = null;
    for (const { id } of list) store.forget(id).catch(() => {});
    this.#emit("current");
    this.#emit("list");
    return () => {
      this.#list = [...list, ...this.#list];
      for (const each of list) {
        each.done = false;
        this.#keep(each);
      }
      this.#emit("list");
      this.choose(current);
    };
  }

  #restore(picture, place) {
    this.#list.splice(place, 0, picture);
    picture.done = false;
    this.#keep(picture);
    this.#emit("list");
    this.choose(picture);
  }

  // Applies the method and sliders of the current photograph to others.
  useSettings(those) {
    const { settings } = this.#current;
    for (const picture of those) {
      if (picture !== this.#current && SHARED.some((name) => picture.state[name] !== settings[name])) {
        picture.change(settings);
      }
    }
  }

  // Colors some again, after what they follow has changed elsewhere.
  refresh(those) {
    for (const each of those) each.done = false;
    if (those.includes(this.#current)) this.#current.show();
    this.#colorOthers();
  }

  // One after the other with low priority, so that the current photograph goes first.
  async #colorOthers() {
    if (this.#coloring) return;
    this.#coloring = true;
    try {
      for (;;) {
        const next = this.#list.find((each) => !each.done && !each.error && each !== this.#current);
        if (!next) return;
        this.pace.begin();
        await next.show(null, { patient: true });
        if (next.done) this.pace.end();
        this.#emit("list");
      }
    } finally {
      this.#coloring = false;
    }
  }

  #emit(what) {
    this.dispatchEvent(new Event(what));
  }
}
