// What the options are: read from the API's own document, where each is stated once.

const schema = await (await fetch("/openapi.json")).json();
const stated = schema.components.schemas.SessionColoring.properties;

// Name, least, most and default of an option that is a number.
export function range(name) {
  const numbers = stated[name].anyOf?.find(({ type }) => type !== "null") ?? stated[name];
  const { minimum, exclusiveMinimum, maximum } = numbers;
  return { least: minimum ?? exclusiveMinimum, most: maximum, fallback: stated[name].default ?? 0 };
}

export function clamped(name, value) {
  const { least, most, fallback } = range(name);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
}

export const formats = stated.format.enum;

const ENDINGS = schema["x-endings"];

// The ending of a file of that media type.
export const endingOf = (type) => ENDINGS[type] ?? ".png";

export const readable = schema["x-readable"];
