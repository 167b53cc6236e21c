// Films: the strip shows a still of each shot, and the film gets the colors of its stills.

import * as api from "./api.js";
import { $, debounce, make } from "./dom.js";
import { complain, say } from "./notices.js";
import { longestName } from "./options.js";
import * as parts from "./parts.js";
import * as playback from "./playback.js";
import * as queue from "./queue.js";
import { toContent } from "./shapes.js";

const MOST_STILLS = 40; // the longest shots, if there are more
const FOLLOW_AFTER = 500; // milliseconds without a change
const OTHERS = [0.1, 0.35, 0.85]; // positions in the shot of the other frames shown

let pictures;
let asked = 0;
let followed = null; // the still whose shot is shown
const finished = new Map(); // the finished job of a film by its id, or null

export function start(all) {
  pictures = all;
  $("film-save").addEventListener("click", () => save().catch(complain));
  $("film-play").addEventListener("click", () => {
    const { film } = pictures.current;
    playback.show({ ...film, begin: finished.get(film.id).begin });
  });
  playback.start();
  parts.start(() => pictures.current.film);
  queue.changes.addEventListener("change", showQueue);
  queue.restore();
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
      const name = `${file.name} ${parts.clock(middle)}.png`;
      const still = new File([await api.frame(id, middle)], name, { type: "image/png" });
      return { file: still, film: { id, name: file.name, frames: said.frames, begin, end, middle } };
    }),
  );
}

// Shows the film's controls if the current picture is a still.
export function render(picture) {
  const { film } = picture;
  $("film").hidden = $("followers").hidden = !film;
  $("sliders").hidden = Boolean(film); // a film keeps its lightness
  $("save").textContent = film ? "Save this still" : "Save the picture";
  $("save").classList.toggle("primary", !film);
  if (picture !== followed) $("followers").replaceChildren(); // of another shot
  followed = picture;
  if (!film) return;
  const stills = stillsOf(film.id);
  const several = stills.length > 1 ? `${stills.length} shots` : "one shot";
  $("film-said").textContent = `${film.name}: ${several}, ${film.frames} frames. Colors that you choose on a still apply to its whole shot.`;
  parts.render(film);
  showFinished(film.id);
  showQueue();
  follow();
}

let queued = []; // ids of films that are in the queue

// A film that leaves the queue may be finished.
function showQueue() {
  const { film } = pictures.current ?? {};
  for (const id of queued) if (!queue.has(id)) finished.delete(id);
  queued = pictures.list.map((each) => each.film?.id).filter((id) => id && queue.has(id));
  if (!film) return;
  $("film-save").disabled = queue.has(film.id);
  $("film-save").textContent = queue.has(film.id) ? "In the queue" : "Save the film";
  showFinished(film.id);
}

// Only the server knows.
function showFinished(id) {
  if (!finished.has(id)) {
    finished.set(id, null);
    api.film(id).then(({ job }) => setFinished(id, job?.state === "done" ? job : null), () => {});
  }
  $("film-play").hidden = !finished.get(id);
}

function setFinished(id, job) {
  finished.set(id, job);
  if (pictures.current?.film?.id === id) showFinished(id);
}

const stillsOf = (id) => pictures.list.filter(({ film }) => film?.id === id);

// Three other frames of the shot, with the hints of this still.
const follow = debounce(() => showFollowers().catch((error) => complain(error, pictures.current?.film?.name)), FOLLOW_AFTER);

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
        make("img", { src: `data:image/jpeg;base64,${picture}`, alt: `The same shot at ${parts.clock(at[k])}` }),
        make("figcaption", {}, parts.clock(at[k])),
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
  const { film } = current;
  const request = await wish(current, stillsOf(film.id));
  setFinished(film.id, null);
  queue.add(film, { ...request, ...parts.fields(film.id) });
}
