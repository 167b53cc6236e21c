// Keeps the files of the page, so that it works offline, and adds the headers that isolate it. Models are kept by
// local/models.js.

const version = "VERSION";
const files = ["FILES"];
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": "POLICY",
};
const PREFIX = "retint-page-";
const NAME = `${PREFIX}${version}-${new URL(registration.scope).pathname}`;

addEventListener("install", (event) => {
  skipWaiting();
  const fresh = files.map((each) => new Request(each, { cache: "reload" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(fresh)));
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

// Earlier versions at the same address.
async function forgetOthers() {
  const path = NAME.slice(PREFIX.length + version.length);
  const old = (await caches.keys()).filter((each) => each.startsWith(PREFIX) && each.endsWith(path) && each !== NAME);
  await Promise.all(old.map((each) => caches.delete(each)));
}

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(answer(event.request));
});

async function answer(request) {
  const url = new URL(request.url);
  if (url.href === registration.scope) url.pathname += "index.html";
  url.search = "";
  const found = (await (await caches.open(NAME)).match(url.href)) ?? (await fetch(request));
  const headers = new Headers(found.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}
