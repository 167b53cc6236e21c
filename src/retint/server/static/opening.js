// Opens files: chosen, dropped, pasted, or samples.

import { arrivals } from "./arrivals.js";
import { $ } from "./dom.js";
import * as exchange from "./exchange.js";
import * as film from "./film.js";
import { complain } from "./notices.js";
import { isFilm, refusal } from "./reading.js";

// ready: a promise, before which nothing can be opened; open(picture) shows it.
export function start({ pictures, ready, open }) {
  async function receive(files) {
    await ready;
    const known = [...files].filter((each) => {
      const why = refusal(each);
      if (why) complain(new Error(why), each.name);
      return !why;
    });
    const json = known.filter(({ name }) => name.toLowerCase().endsWith(".json"));
    const movies = known.filter(isFilm);
    const photographs = known.filter((each) => !json.includes(each) && !movies.includes(each));
    if (photographs.length) {
      const [first] = pictures.add(photographs);
      open(first);
    }
    for (const each of movies) {
      const first = await film.add(each);
      if (first) open(first);
    }
    for (const each of json) await exchange.readHints(each, pictures.current);
  }

  async function refer(file) {
    await ready;
    const why = refusal(file);
    if (why) complain(new Error(why), file.name);
    else await exchange.refer(file, pictures.current);
  }

  for (const id of ["files", "camera", "more"]) {
    $(id).addEventListener("change", ({ target }) => {
      const files = [...target.files];
      target.value = "";
      receive(files).catch(complain);
    });
  }
  $("reference").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) refer(file).catch(complain);
  });
  for (const sample of document.querySelectorAll("[data-sample]")) {
    sample.addEventListener("click", async () => {
      const path = sample.dataset.sample;
      try {
        const blob = await (await fetch(path)).blob();
        await receive([new File([blob], path.split("/").pop(), { type: blob.type })]);
      } catch (error) {
        complain(error, path.split("/").pop());
      }
    });
  }
  arrivals((files, target) => {
    const arrived = target?.closest("#reference-drop") && pictures.current ? refer(files[0]) : receive(files);
    arrived.catch(complain);
  });
}
