// The options, read from the OpenAPI document.

import * as api from "./api.js";

let schema;

// Must finish before the other functions are called.
export async function load() {
  schema = await api.capabilities();
}

const properties = () => schema.components.schemas.SessionColoring.properties;
const schemaOf = (name) => properties()[name] ?? {};

// Whether there is an option, or a path that can be asked for.
export const offers = (name) => name in properties() || name in schema.paths;

// The default of an option; options of methods are omitted by default, and state the usual value.
export const fallback = (name) => schemaOf(name).default ?? schemaOf(name)["x-usual"];

// The values of an option, besides none.
const valuesOf = (name) => schemaOf(name).anyOf?.find(({ type }) => type !== "null") ?? schemaOf(name);

// Minimum, maximum and default of a numeric option.
export function range(name) {
  const { minimum, exclusiveMinimum, maximum } = valuesOf(name);
  return { least: minimum ?? exclusiveMinimum, most: maximum, fallback: fallback(name) ?? 0 };
}

// The help text of an option.
export const help = (name) => schemaOf(name).description ?? "";

// The values of an option that has a list of them.
export const choices = (name) => valuesOf(name).enum;

export const formats = () => schemaOf("format").enum;

// Whether a format has a quality.
export const isLossy = (format) => schema["x-lossy"].includes(format.toUpperCase());

// The file suffix of a media type.
export const endingOf = (type) => schema["x-endings"][type] ?? ".png";

// File suffixes of films.
export const films = () => schema["x-films"];

export const readable = () => schema["x-readable"];

// Suffix of results, before that of their format.
export const resultMark = () => schema["x-mark"];

// Number of pixels of a preview.
export const previewPixels = () => schema["x-preview-pixels"];

// The method of the variants.
export const variantMethod = () => schema["x-sampled"];

// Whether an option exists for films, which keep their lightness.
export const isOfFilms = (name) => name in schema.components.schemas.FilmColoring.properties;

// Containers of films; the first is that of the film itself.
export const filmFormats = () => schema.components.schemas.FilmColoring.properties.format.enum;

// Facts about hints and their files: version; radius of a dot, in short sides; everywhere, the unlimited reach;
// reach, the default of each kind of shape.
export const hintFacts = () => schema["x-hints"];

// Maximum length of the title of a page with a divider.
export const longestTitle = () => schema.components.schemas.PairColoring?.properties.title.maxLength;

// The usual quality of films, on the scale of H.264.
export const filmQuality = () => schema.components.schemas.FilmColoring.properties.crf.default;

// Maximum length of a film's name.
export const longestName = () => schema.paths["/v1/films"].post.parameters.find(({ name }) => name === "name").schema.maxLength;
// Names of the types of pictures that the server reads.
export const pictureNames = () => schema["x-names"];

// Types of files that the server does not read: name, endings, and the command that changes that.
export const unreadable = () => schema["x-lacking"];

// What reads the files, what else does, and who can raise its limits.
const SERVER = { name: "this server", instead: "", raises: "whoever runs the server can raise the limit" };
export const reader = () => schema["x-reader"] ?? SERVER;

// Maximum sizes in bytes: picture, film; and how many pictures can be open, if that is limited.
export const limits = () => schema["x-limits"];

// Whether the server can sign files.
export const signs = () => Boolean(schema["x-signs"]);

export const mediaTypes = () => Object.keys(schema["x-endings"]);
