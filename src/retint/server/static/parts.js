// Which part of a film is saved, and how: a choice for each film, kept in this tab.

import { $ } from "./dom.js";
import { filmFormats, filmQuality, signs } from "./options.js";

const STORED = "film-choices"; // key in the storage of this tab
const SMALLER = { "smaller file": 6, "smallest file": 12 }; // beyond the usual quality
const LOSSLESS = "lossless";
const FIELDS = ["start", "end", "format", "quality"];

let choices = {}; // by the id of a film

const usual = () => ({ start: "", end: "", format: filmFormats()[0], quality: String(filmQuality()), sign: false });
const choiceOf = (id) => ({ ...usual(), ...choices[id] });

// current(): the film that is shown.
export function start(current) {
  choices = JSON.parse(sessionStorage[STORED] ?? "{}");
  const crf = filmQuality();
  $("film-quality").replaceChildren(
    new Option(`usual (CRF ${crf})`, crf),
    ...Object.entries(SMALLER).map(([name, more]) => new Option(`${name} (CRF ${crf + more})`, crf + more)),
    new Option("lossless (FFV1 in MKV)", LOSSLESS),
  );
  const [same, ...others] = filmFormats();
  $("film-format").replaceChildren(new Option("same as the film", same), ...others.map((name) => new Option(name.toUpperCase(), name)));
  for (const name of FIELDS) $(`film-${name}`).addEventListener("change", ({ target }) => change(current(), { [name]: target.value.trim() }));
  $("film-signed").parentElement.hidden = !signs();
  $("film-signed").addEventListener("change", ({ target }) => change(current(), { sign: target.checked }));
  $("film-shot").addEventListener("click", () => {
    const { begin, end } = current();
    change(current(), { start: exactly(begin), end: exactly(end) });
  });
  $("film-whole").addEventListener("click", () => change(current(), { start: "", end: "" }));
}

function change(film, part) {
  choices[film.id] = { ...choices[film.id], ...part };
  sessionStorage[STORED] = JSON.stringify(choices);
  render(film);
}

export function render({ id }) {
  const choice = choiceOf(id);
  for (const name of FIELDS) $(`film-${name}`).value = choice[name];
  $("film-signed").checked = choice.sign;
  $("film-format").disabled = choice.quality === LOSSLESS;
  $("film-whole").disabled = !choice.start && !choice.end;
}

// The fields of a request to color the film.
export function fields(id) {
  const { start, end, format, quality, sign } = choiceOf(id);
  const how = quality === LOSSLESS ? { lossless: true } : { format, crf: Number(quality) };
  return { start, end, ...how, ...(sign && signs() && { sign }) };
}

// 75.3 -> 1:15.3
export function clock(seconds, digits = 1) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(digits).padStart(3 + digits, "0")}`;
}

// In milliseconds, rounded down: frames at that time are not before it.
const exactly = (seconds) => clock(Math.floor(1000 * seconds) / 1000, 3);
