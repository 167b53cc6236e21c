// The options, read from the OpenAPI document.

import * as api from "./api.js";

let schema;

// Must finish before the other functions are called.
export async function load() {
  schema = await api.capabilities();
}

const properties = () => schema.components.schemas.SessionColoring.properties;
const stated = (name) => properties()[name] ?? {};

// Whether there is an option, or a path that can be asked for.
export const offers = (name) => name in properties() || name in schema.paths;

export const fallback = (name) => stated(name).default;

// Minimum, maximum and default of a numeric option.
export function range(name) {
  const said = stated(name);
  const { minimum, exclusiveMinimum, maximum } = said.anyOf?.find(({ type }) => type !== "null") ?? said;
  return { least: minimum ?? exclusiveMinimum, most: maximum, fallback: said.default ?? 0 };
}

export function clamped(name, value) {
  const { least, most, fallback } = range(name);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
}

// The help text of an option.
export const help = (name) => stated(name).description ?? "";

// The values of an option that has a list of them.
export const choices = (name) => (stated(name).anyOf?.find(({ type }) => type !== "null") ?? stated(name)).enum;

export const formats = () => stated("format").enum;

// Whether a format has a quality.
export const isLossy = (format) => schema["x-lossy"].includes(format.toUpperCase());

// The file suffix of a media type.
export const endingOf = (type) => schema["x-endings"][type] ?? ".png";

// File suffixes of films.
export const films = () => schema["x-films"];

export const readable = () => schema["x-readable"];

// Suffix of results, before that of their format.
export const mark = () => schema["x-mark"];

// Number of pixels of a preview.
export const previewPixels = () => schema["x-preview-pixels"];

// The method of the variants.
export const sampled = () => schema["x-sampled"];

// Whether an option exists for films, which keep their lightness.
export const isOfFilms = (name) => name in schema.components.schemas.FilmColoring.properties;

// The usual quality of films, on the scale of H.264.
export const filmQuality = () => schema.components.schemas.FilmColoring.properties.crf.default;

// Maximum length of a film's name.
export const longestName = () => schema.paths["/v1/films"].post.parameters.find(({ name }) => name === "name").schema.maxLength;
// Names of the types of pictures that the server reads.
export const pictureNames = () => schema["x-names"];

// Types of files that the server does not read: name, endings, and the command that changes that.
export const lacking = () => schema["x-lacking"];

// What reads the files, what else does, and who can raise its limits.
const SERVER = { name: "this server", instead: "", raises: "whoever runs the server can raise the limit" };
export const reader = () => schema["x-reader"] ?? SERVER;

// Maximum sizes in bytes: picture, film; and how many pictures can be open, if that is limited.
export const limits = () => schema["x-limits"];

export const mediaTypes = () => Object.keys(schema["x-endings"]);
