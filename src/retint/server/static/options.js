// What the options are: read from the API's own document, where each is stated once.

let schema;

// Until it has come nothing else here can be asked.
export async function load() {
  schema = await (await fetch("/openapi.json")).json();
}

const stated = (name) => schema.components.schemas.SessionColoring.properties[name];

// Least, most and default of an option that is a number.
export function range(name) {
  const said = stated(name);
  const { minimum, exclusiveMinimum, maximum } = said.anyOf?.find(({ type }) => type !== "null") ?? said;
  return { least: minimum ?? exclusiveMinimum, most: maximum, fallback: said.default ?? 0 };
}

export function clamped(name, value) {
  const { least, most, fallback } = range(name);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
}

// Its one sentence.
export const help = (name) => stated(name).description;

export const formats = () => stated("format").enum;

// The ending of a file of that media type.
export const endingOf = (type) => schema["x-endings"][type] ?? ".png";

// Endings of films.
export const films = () => schema["x-films"];

export const readable = () => schema["x-readable"];
