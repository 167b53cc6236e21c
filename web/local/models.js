// Loads the models and the runtime, which are compressed, and keeps them for the next visit.

const STORE = "retint-models";
const GZIP = [0x1f, 0x8b];

export async function json(name) {
  const answer = await fetch(new URL(`../${name}`, import.meta.url));
  if (!answer.ok) throw new Error(`${name} could not be loaded`);
  return answer.json();
}

// The contents by name; tell(loaded, total) is called with bytes as they come.
export async function load(models, tell) {
  const cache = await opened();
  const entries = Object.entries(models);
  const total = entries.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  let loaded = 0;
  const found = {};
  let fetched = false;
  for (const [name, { file }] of entries) {
    const url = new URL(`../${file}`, import.meta.url).href;
    const kept = await cache?.match(url);
    const answer = kept ?? (await fetch(url));
    if (!answer.ok) throw new Error("the networks could not be loaded; check the connection and reload this page");
    fetched ||= !kept;
    const packed = await received(answer, (bytes) => fetched && tell((loaded += bytes), total));
    if (kept) loaded += packed.size;
    // No room is no reason to stop.
    if (!kept) await cache?.put(url, new Response(packed)).catch(() => {});
    found[name] = await unpacked(packed);
  }
  await forgetOthers(cache, entries.map(([, { file }]) => file));
  return found;
}

// Storage is missing in some private windows, and without encryption.
async function opened() {
  try {
    return await caches.open(`${STORE}-${new URL("..", import.meta.url).pathname}`);
  } catch {
    return null;
  }
}

async function received(answer, tell) {
  const reader = answer.body.getReader();
  const parts = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    parts.push(value);
    tell(value.length);
  }
}

// Some servers take the suffix for an encoding, and the browser has unpacked the file already.
async function unpacked(blob) {
  const head = new Uint8Array(await blob.slice(0, GZIP.length).arrayBuffer());
  const packed = GZIP.every((byte, k) => head[k] === byte);
  const stream = packed ? blob.stream().pipeThrough(new DecompressionStream("gzip")) : blob.stream();
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Models of earlier versions.
async function forgetOthers(cache, files) {
  for (const { url } of (await cache?.keys()) ?? []) {
    if (!files.some((each) => url.endsWith(`/${each}`))) await cache.delete(url);
  }
}
