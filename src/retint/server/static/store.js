// Stores the open photographs in the browser, so that they survive a reload.

const NAME = "retint";
const STORE = "pictures";

function asked(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

let database = null;
async function opened() {
  database ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return database;
}

const within = async (mode) => (await opened()).transaction(STORE, mode).objectStore(STORE);

export const keep = async (record) => asked((await within("readwrite")).put(record));
export const forget = async (id) => asked((await within("readwrite")).delete(id));

// In the order of opening; empty if the browser stores nothing.
export async function all() {
  try {
    const found = await asked((await within("readonly")).getAll());
    return found.sort((a, b) => a.order - b.order);
  } catch {
    return [];
  }
}
