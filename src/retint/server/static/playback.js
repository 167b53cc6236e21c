// Plays a colored film beside the original.

import * as api from "./api.js";
import { $ } from "./dom.js";

const APART = 0.12; // seconds that the two may differ

let offset = 0; // seconds of the original before the colored part

export function start() {
  const [before, after] = films();
  for (const each of [before, after]) each.addEventListener("error", () => each.hasAttribute("src") && showFault(each));
  after.addEventListener("play", () => before.play().catch(() => {}));
  after.addEventListener("pause", () => before.pause());
  after.addEventListener("ratechange", () => (before.playbackRate = after.playbackRate));
  before.addEventListener("loadedmetadata", follow);
  for (const what of ["timeupdate", "seeked", "pause"]) after.addEventListener(what, follow);
  $("playback-close").addEventListener("click", () => $("playback").close());
  $("playback").addEventListener("close", unload);
}

const films = () => [$("playback-before"), $("playback-after")];

// Shows the film with that id, which the server has finished from a time in seconds on.
export function show({ id, name, begin }) {
  offset = begin;
  const [before, after] = films();
  const version = Date.now(); // it may have been colored again
  $("playback-title").textContent = name;
  $("playback-said").textContent = "";
  before.src = api.filmSource(id);
  after.src = api.filmResult(id, version);
  $("playback").showModal();
  after.focus();
}

// The original has no controls of its own.
function follow() {
  const [before, after] = films();
  const wanted = after.currentTime + offset;
  const apart = Math.abs(before.currentTime - wanted);
  if (apart > APART || (after.paused && apart)) before.currentTime = wanted;
}

function unload() {
  for (const each of films()) {
    each.pause();
    each.removeAttribute("src");
    each.load();
  }
}

function showFault(film) {
  const which = film.id === "playback-before" ? "the original" : "the colored film";
  $("playback-said").textContent = `This browser does not play ${which}. Save the film, and open both files with a player such as VLC.`;
}
