// Compiles the modules of a folder and links their imports, without running them.

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { SourceTextModule } from "node:vm";

const folder = process.argv[2];
const modules = new Map();
for (const name of (await readdir(folder)).filter((each) => each.endsWith(".js"))) {
  modules.set(name, new SourceTextModule(await readFile(join(folder, name), "utf8"), { identifier: name }));
}

function imported(specifier, { identifier }) {
  const found = specifier.startsWith("./") && modules.get(basename(specifier));
  if (!found) throw new Error(`${identifier} imports ${specifier}, which is not there`);
  return found;
}

// Linking a module links all that it imports; an import that names no export fails here.
for (const module of modules.values()) if (module.status === "unlinked") await module.link(imported);
console.log(modules.size);
