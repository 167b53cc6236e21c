// Stores the open photographs in the browser, so that they survive a reload.

const NAME = "retint";
const STORE = "pictures";

function resultOf(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

let database = null;
async function openDatabase() {
  database ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return database;
}

const storeIn = async (mode) => (await openDatabase()).transaction(STORE, mode).objectStore(STORE);

export const keep = async (record) => resultOf((await storeIn("readwrite")).put(record));
export const forget = async (id) => resultOf((await storeIn("readwrite")).delete(id));

// In the order of opening; empty if the browser stores nothing.
export async function all() {
  try {
    const found = await resultOf((await storeIn("readonly")).getAll());
    return found.sort((a, b) => a.order - b.order);
  } catch {
    return [];
  }
}
