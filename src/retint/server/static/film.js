// Films: the strip shows a still of each shot, and the film gets the colors of its stills.

import * as api from "./api.js";
import { $, debounce, keepFocus, make } from "./dom.js";
import { download } from "./files.js";
import { complain, say } from "./notices.js";
import { filmQuality, longestName, resultMark } from "./options.js";
import { Pace } from "./pace.js";
import * as playback from "./playback.js";
import { toContent } from "./shapes.js";

const MOST_STILLS = 40; // the longest shots, if there are more
const FOLLOW_AFTER = 500; // milliseconds without a change
const OTHERS = [0.1, 0.35, 0.85]; // positions in the shot of the other frames shown
const ASK_EVERY = 500;
const SMALLER = { "smaller file": 6, "smallest file": 12 }; // beyond the usual quality

let pictures;
let asked = 0;
const finished = new Map(); // whether a film is colored, by its id
const pace = new Pace();
let watched = ""; // id of the film being colored

export function start(all) {
  pictures = all;
  $("film-save").addEventListener("click", () => save().catch(complain));
  $("film-play").addEventListener("click", () => playback.show(pictures.current.film));
  playback.start();
  const usual = filmQuality();
  const others = Object.entries(SMALLER).map(([name, more]) => new Option(`${name} (CRF ${usual + more})`, usual + more));
  $("film-quality").replaceChildren(new Option(`usual (CRF ${usual})`, usual), ...others);
  $("film-stop").addEventListener("click", () => api.stopFilm(watched).catch(complain));
}

// Adds the stills of a film to the pictures; returns the first, or null.
export async function add(file) {
  try {
    return pictures.addStills(await upload(file))[0];
  } catch (error) {
    complain(error, file.name);
    return null;
  }
}

// Uploads a film; returns its stills as files with their shots.
async function upload(file) {
  const looked = say(`${file.name} is being analyzed…`);
  const said = await api.openFilm(file, longestName()).finally(looked);
  const { id, shots, in_color } = said;
  const shown = [...shots]
    .sort((a, b) => b.end - b.begin - (a.end - a.begin))
    .slice(0, MOST_STILLS)
    .sort((a, b) => a.begin - b.begin);
  for (const each of said.lost) complain(new Error(each), file.name);
  if (in_color) say(`${file.name} is already in color; the preview shows new colors on its lightness.`);
  if (shown.length < shots.length) say(`Showing the longest ${shown.length} of ${shots.length} shots; all of them will be colored.`);
  return Promise.all(
    shown.map(async ({ begin, end, middle }) => {
      const name = `${file.name} ${clock(middle)}.png`;
      const still = new File([await api.frame(id, middle)], name, { type: "image/png" });
      return { file: still, film: { id, name: file.name, frames: said.frames, begin, end, middle } };
    }),
  );
}

// 75.3 -> 1:15.3
function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

// Shows the film's controls if the current picture is a still.
export function render(picture) {
  const { film } = picture;
  $("film").hidden = $("followers").hidden = !film;
  $("sliders").hidden = Boolean(film); // a film keeps its lightness
  $("save").textContent = film ? "Save this still" : "Save the picture";
  $("save").classList.toggle("primary", !film);
  if (!film) return;
  const stills = stillsOf(film.id);
  const several = stills.length > 1 ? `${stills.length} shots` : "one shot";
  $("film-said").textContent = `${film.name}: ${several}, ${film.frames} frames. Colors that you choose on a still apply to its whole shot.`;
  showFinished(film.id);
  follow();
}

// After a reload only the server knows.
function showFinished(id) {
  if (!finished.has(id)) {
    finished.set(id, false);
    api.film(id).then(({ job }) => setFinished(id, job?.state === "done"), () => {});
  }
  $("film-play").hidden = !finished.get(id);
}

function setFinished(id, done) {
  finished.set(id, done);
  if (pictures.current?.film?.id === id) showFinished(id);
}

const stillsOf = (id) => pictures.list.filter(({ film }) => film?.id === id);

// Three other frames of the shot, with the hints of this still.
const follow = debounce(() => showFollowers().catch(complainOfLoss), FOLLOW_AFTER);

async function showFollowers() {
  const { current } = pictures;
  if (!current?.film || !current.size) return;
  const { id, begin, end } = current.film;
  const wanted = ++asked;
  const at = OTHERS.map((share) => begin + share * (end - begin));
  const found = await api.stills(id, { ...(await wish(current, [current])), at });
  if (wanted !== asked || current !== pictures.current) return;
  $("followers").replaceChildren(
    ...found.map((picture, k) =>
      make(
        "figure", {},
        make("img", { src: `data:image/jpeg;base64,${picture}`, alt: `The same shot at ${clock(at[k])}` }),
        make("figcaption", {}, clock(at[k])),
      ),
    ),
  );
}

// The request for a film: the settings of the current still, with the hints of all given stills.
async function wish(picture, stills) {
  const { hints: _, ...asked } = await picture.wish(picture.state);
  const content = {};
  for (const { state, size, film } of stills) {
    const own = size && toContent(state.shapes, size);
    for (const [name, value] of Object.entries(own ?? {})) {
      const shapes = Array.isArray(value) && name !== "size";
      content[name] = shapes ? [...(content[name] ?? []), ...value.map((each) => ({ ...each, time: film.middle }))] : value;
    }
  }
  return content.version ? { ...asked, hints: content } : asked;
}

async function save() {
  const { current } = pictures;
  const { id, name } = current.film;
  if (watched) throw new Error("only one film is processed at a time");
  watched = id;
  setFinished(id, false);
  showProgress({ frames: 0 }, current.film.frames);
  try {
    let said = await api.colorizeFilm(id, { ...(await wish(current, stillsOf(id))), crf: Number($("film-quality").value) });
    pace.begin();
    while (said.job.state === "working") {
      showProgress(said.job, said.frames);
      const before = said.job.frames;
      await new Promise((done) => setTimeout(done, ASK_EVERY));
      said = await api.film(id);
      pace.end(said.job.frames - before);
    }
    setFinished(id, said.job.state === "done");
    if (said.job.state === "failed") throw new Error(said.job.error);
    if (said.job.state === "stopped") say(`${name} was stopped. Finished parts are kept for the next attempt.`);
    if (said.job.state === "done") {
      download(api.filmResult(id), name.replace(/\.[^.]*$/, `${resultMark()}${said.ending}`));
      say(`${name} was colored and saved.`);
      for (const each of said.lost) complain(new Error(each), name);
    }
  } catch (error) {
    complainOfLoss(error);
  } finally {
    watched = "";
    showProgress(null);
  }
}

function showProgress(job, frames = 1) {
  keepFocus(() => {
    $("film-save").disabled = Boolean(job);
    $("film-progress").hidden = $("film-stop").hidden = !job;
  }, $("stage"));
  $("film-state").textContent = job ? `${job.frames} of ${frames} frames${pace.text(frames - job.frames)}` : "";
  Object.assign($("film-progress"), { value: job?.frames ?? 0, max: frames });
}

// The server deletes films after a while.
function complainOfLoss(error) {
  const name = pictures.current?.film?.name;
  complain(error.status === 404 ? new Error("the server no longer has this film; open it again") : error, name);
}
