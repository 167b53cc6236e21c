// An open photograph: its file, its settings and hints, their history, and the pictures
// that are displayed.

import * as api from "./api.js";
import * as framing from "./framing.js";
import { fallback, isOfFilms } from "./options.js";
import { explain } from "./reading.js";
import { lentFields, referencesOf } from "./references.js";
import * as remembering from "./remembering.js";
import { toContent } from "./shapes.js";

const ONE_STEP = 1500; // milliseconds within which similar changes are one undo step
const MOST_STEPS = 200;
export const SLIDERS = ["warmth", "vividness", "saturation", "repair", "fading"];
export const SETTINGS = ["method", "look", ...SLIDERS, "seed"];
export const SHARED = [...SETTINGS, "remember", "lent"]; // what can be applied to other pictures

export class Picture extends EventTarget {
  #past;
  #now = 0;
  #kind = "";
  #changed = 0;
  #session = null;
  #wanted = 0;
  #running = null;

  constructor(file, state, kept = {}) {
    super();
    this.id = kept.id ?? crypto.randomUUID();
    this.file = file;
    this.#past = kept.past ?? [state];
    this.#now = kept.now ?? 0;
    this.references = new Map(kept.references ?? []); // files by key
    this.versions = kept.versions ?? []; // {name, state}
    this.urls = {}; // URLs of the displayed pictures: before, after
    this.size = kept.size ?? null;
    this.saved = kept.saved ?? null; // the state that was saved last
    this.info = kept.info ?? null; // the server's description of the picture
    this.film = kept.film ?? null; // for a still: id and name of the film; begin, end and middle of the shot
    this.error = "";
    this.done = false;
  }

  get name() {
    return this.file.name;
  }
  get state() {
    return this.#past[this.#now];
  }
  get canUndo() {
    return this.#now > 0;
  }
  get canRedo() {
    return this.#now < this.#past.length - 1;
  }
  get settings() {
    return Object.fromEntries(SHARED.map((name) => [name, this.state[name]]));
  }
  // The data to store for restoring the photograph.
  get record() {
    const { id, file, references, versions, size, saved, info, film } = this;
    return { id, file, name: file.name, past: this.#past, now: this.#now, references: [...references], versions, size, saved, info, film };
  }
  // Whether there are changes that no saved file has.
  get isUnsaved() {
    return this.canUndo && JSON.stringify(this.state) !== JSON.stringify(this.saved ?? this.#past[0]);
  }
  noteSaved(state) {
    this.saved = state;
    this.#emit("saved");
  }

  // Similar changes in quick succession are undone as one.
  change(part, kind = "") {
    const next = { ...this.state, ...part };
    const same = kind && kind === this.#kind && performance.now() - this.#changed < ONE_STEP && this.#now > 0;
    this.#past.splice(same ? this.#now : this.#now + 1, Infinity, next);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#now = this.#past.length - 1;
    [this.#kind, this.#changed] = [kind, performance.now()];
    this.#emit("change");
  }
  undo() {
    if (this.canUndo) this.#go(this.#now - 1);
  }
  redo() {
    if (this.canRedo) this.#go(this.#now + 1);
  }
  #go(step) {
    this.#now = step;
    this.#kind = "";
    this.#emit("change");
  }

  // Calls the server, and sends the picture again if the server has deleted it.
  async ask(question) {
    for (let tried = 1; ; tried++) {
      this.#session ??= this.#open();
      let id;
      try {
        ({ id } = await this.#session);
      } catch (error) {
        this.#session = null;
        throw error;
      }
      try {
        return await question(id);
      } catch (error) {
        if (error.status !== 404 || tried > 1) throw error;
        this.#session = null;
        this.referenceIds = {};
      }
    }
  }

  async #open() {
    const info = await api.open(this.file);
    this.info = info;
    this.size = [info.width, info.height];
    this.#emit("opened");
    return info;
  }

  // The request for a state of this picture.
  async wish(state, more = {}) {
    const { takesHints, options } = methodNamed(state.method);
    const fields = {};
    const names = SETTINGS.filter((name) => (name !== "seed" || options.includes("seed")) && (!this.film || isOfFilms(name)));
    for (const name of names) fields[name] = state[name];
    if (takesHints) {
      fields.hints = toContent(state.shapes, this.size);
      const keys = referencesOf(state);
      if (keys.length) fields.reference = await Promise.all(keys.map((key) => this.#referenceId(key)));
      Object.assign(fields, remembering.fields(state), lentFields(state));
    }
    const upright = this.film ? "off" : (state.upright ?? fallback("upright")); // frames of a film are not judged one by one
    if (upright !== fallback("upright")) fields.upright = upright;
    else if (state.turn && state.turn !== fallback("turn")) fields.upright = state.turn; // as the file is turned
    if (more.size === "file" && !this.film) Object.assign(fields, framing.fields(state));
    for (const name of ["left", "damaged"]) {
      if (state.repair && state[name]?.length) fields[name] = toContent(state[name], this.size);
    }
    return { ...fields, ...more };
  }

  referenceIds = {};
  async #referenceId(key) {
    const file = this.references.get(key);
    this.referenceIds[key] ??= api.open(file).then(({ id }) => id);
    try {
      return await this.referenceIds[key];
    } catch (error) {
      delete this.referenceIds[key]; // the next request tries again
      throw new Error(`reference ${file.name}: ${error.message}`);
    }
  }

  colorize(state, more = {}, signal = undefined) {
    return this.ask(async (id) => api.colorize(id, await this.wish(state, more), signal));
  }

  // The original and the picture in color in one file.
  pair(state, more) {
    return this.ask(async (id) => api.pair(id, await this.wish(state, more)));
  }

  // Displays the state, or a preview. Only the latest request counts.
  async show(tried = null, more = {}) {
    const wanted = ++this.#wanted;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    this.#emit("busy");
    try {
      if (!this.urls.before) this.#setUrl("before", await this.ask((id) => api.original(id)));
      if (wanted !== this.#wanted) return;
      const blob = await this.colorize(tried ?? this.state, more, running.signal);
      if (wanted !== this.#wanted) return;
      this.#setUrl("after", blob);
      this.error = "";
      this.done = true;
      this.sharp = false;
      this.#emit("shown");
    } catch (error) {
      if (error.name === "AbortError" || wanted !== this.#wanted) return;
      this.error = explain(error);
      this.#emit("failed");
    }
  }

  // Requests all pixels of the displayed picture.
  async sharpen() {
    if (this.sharp) return;
    this.sharp = true;
    const { state } = this;
    const wanted = this.#wanted;
    const [before, after] = await Promise.all([
      this.ask((id) => api.original(id, "pixels")),
      this.colorize(state, { size: "pixels" }),
    ]);
    if (wanted !== this.#wanted || state !== this.state) return;
    this.#setUrl("before", before);
    this.#setUrl("after", after);
    this.#emit("shown");
  }

  close() {
    this.#session?.then(({ id }) => api.close(id)).catch(() => {});
    this.#session = null;
    Object.values(this.urls).forEach((url) => URL.revokeObjectURL(url));
    this.urls = {};
  }

  #setUrl(name, blob) {
    if (this.urls[name]) URL.revokeObjectURL(this.urls[name]);
    this.urls[name] = URL.createObjectURL(blob);
  }

  #emit(what) {
    this.dispatchEvent(new Event(what));
  }
}

let methods = [];
export const setMethods = (known) => (methods = known);
export function methodNamed(name) {
  const found = methods.find((each) => each.name === name);
  return {
    takesHints: found?.hints ?? true, things: found?.things ?? false,
    options: found?.options ?? [], summary: found?.summary ?? "",
  };
}
