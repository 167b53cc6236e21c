// What can be read, told beforehand, and why a file is refused.

import { $ } from "./dom.js";
import { films, limits, mediaTypes, pictureNames, readable, reader, unreadable } from "./options.js";

const MEGA = 1e6;
const ENOUGH = "Save it as JPEG or with fewer pixels, or color it with the command retint.";

const endsIn = ({ name }, endings) => endings.some((ending) => name.toLowerCase().endsWith(ending));
export const isFilm = (file) => endsIn(file, films());
export const isReadable = (file) => endsIn(file, readable()) || isFilm(file);
const capital = (text) => text && text[0].toUpperCase() + text.slice(1);
const megabytes = (bytes) => `${Math.ceil(bytes / MEGA).toLocaleString("en")} MB`;

// Words as a list: "a, b or c".
function joinWords(words, last) {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}` : words.join("");
}

// Tells what can be opened, on the page and in its file dialogs.
export function render() {
  const some = films();
  $("or-films").hidden = $("or-a-film").hidden = !some.length;
  const sizes = `up to ${megabytes(limits().picture)}${some.length ? `, films up to ${megabytes(limits().film)}` : ""}`;
  $("reads").textContent = `Opens ${joinWords(pictureNames(), "and")}${some.length ? ", and films" : ""}; ${sizes}.`;
  const none = unreadable();
  $("lacks").hidden = !none.length;
  const commands = none.map(({ install }) => install).filter(Boolean);
  const { name, instead } = reader();
  $("lacks").textContent = `${capital(name)} does not read ${joinWords(none.map((each) => each.name), "or")}.`
    + (instead && ` ${capital(instead)}.`)
    + (commands.length ? ` Whoever runs it can change that: ${commands.join("; ")}` : "");
  // A browser that knows what is readable converts what is not, as iPhones do with HEIC.
  const pictures = [...(none.length ? mediaTypes() : ["image/*"]), ...readable()];
  for (const id of ["files", "more"]) $(id).accept = [...pictures, ...some, ".json"].join(",");
  $("reference").accept = pictures.join(",");
}

// Why a file is refused, with what one can do; "" if it is read.
export function refusal(file) {
  const kind = unreadable().find(({ endings }) => endsIn(file, endings));
  const { name, instead, raises } = reader();
  if (kind) {
    const remedy = instead || (kind.install && `whoever runs it can change that: ${kind.install}`);
    return `${name} does not read ${kind.name}${remedy && `; ${remedy}`}`;
  }
  const film = isFilm(file);
  const most = limits()[film ? "film" : "picture"];
  if (file.size <= most) return "";
  const option = film ? "--max-film-megabytes" : "--max-megabytes";
  const how = film ? "Color a part of it, or color it with the command retint" : ENOUGH.slice(0, -1);
  return `the file has ${megabytes(file.size)}, and ${name} takes up to ${megabytes(most)}. ${how}${raises && `; ${raises} (${option})`}.`;
}

export const TOO_LARGE = 413;
// The message of an error, with what one can do if the picture was too large.
export const explain = ({ message, status }) => (status === TOO_LARGE ? `${message}. ${ENOUGH}` : message);
