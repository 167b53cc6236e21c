// Files of a drop, with those in folders.

// Must be called while the drop is handled, since the browser forgets its items afterwards.
export async function filesOf(transfer) {
  const entries = [...(transfer.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some(({ isDirectory }) => isDirectory)) return { files: [...transfer.files], folders: false };
  const found = await Promise.all(entries.map(filesIn));
  return { files: found.flat(), folders: true };
}

// The files of an entry in the order of their names, without hidden ones.
async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const entries = (await childrenOf(entry.createReader())).filter(({ name }) => !name.startsWith("."));
  entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const found = [];
  for (const each of entries) found.push(...(await filesIn(each)));
  return found;
}

// A reader returns some at a time, and none at the end.
async function childrenOf(reader) {
  const all = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return all;
    all.push(...some);
  }
}
