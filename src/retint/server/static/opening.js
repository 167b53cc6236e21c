// Opens files: chosen, dropped, pasted, or samples.

import { listenForFiles } from "./incoming.js";
import { $ } from "./dom.js";
import * as exchange from "./exchange.js";
import * as film from "./film.js";
import { complain, say } from "./notices.js";
import { limits, reader } from "./options.js";
import { isFilm, isReadable, refusal } from "./reading.js";

// ready: a promise, before which nothing can be opened; open(picture) shows it.
export function start({ pictures, ready, open }) {
  async function receive(all, folders = false) {
    await ready;
    const files = folders ? readableOf(all) : [...all];
    const known = accepted(files);
    const json = known.filter(({ name }) => name.toLowerCase().endsWith(".json"));
    const movies = known.filter(isFilm);
    const photographs = known.filter((each) => !json.includes(each) && !movies.includes(each));
    const { pictures: most = Infinity } = limits();
    if (pictures.list.length + photographs.length > most) {
      complain(new Error(`${reader().name} opens up to ${most} pictures at once; ${reader().instead}`));
    } else if (photographs.length) {
      const [first] = pictures.add(photographs);
      open(first);
    }
    for (const each of movies) {
      const first = await film.add(each);
      if (first) open(first);
    }
    for (const each of json) await exchange.readHints(each, pictures.current);
  }

  // Folders contain other files too.
  function readableOf(all) {
    const files = all.filter(isReadable);
    const others = all.length - files.length;
    if (!files.length) complain(new Error(`the folder contains no pictures that ${reader().name} reads`));
    else if (others) say(`${others === 1 ? "1 other file was" : `${others} other files were`} left out.`);
    return files;
  }

  async function addReferences(files) {
    await ready;
    await exchange.addReferences(accepted(files), pictures.current);
  }

  function accepted(files) {
    return files.filter((each) => {
      const why = refusal(each);
      if (why) complain(new Error(why), each.name);
      return !why;
    });
  }

  for (const id of ["files", "camera", "more"]) {
    $(id).addEventListener("change", ({ target }) => {
      const files = [...target.files];
      target.value = "";
      receive(files).catch(complain);
    });
  }
  $("reference").addEventListener("change", ({ target }) => {
    const files = [...target.files];
    target.value = "";
    addReferences(files).catch(complain);
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
  listenForFiles((files, target, folders) => {
    const isReference = target?.closest("#referring") && pictures.current && files.length;
    const arrived = isReference ? addReferences(folders ? readableOf(files) : files) : receive(files, folders);
    arrived.catch(complain);
  });
}
