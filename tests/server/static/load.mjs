// Loads the options from a copy of the API document.

import { readFile } from "node:fs/promises";

import * as options from "../static/options.js";

export async function loadOptions() {
  const { fetch } = globalThis;
  globalThis.fetch = async (path) => new Response(await readFile(path));
  await options.load();
  globalThis.fetch = fetch;
}
