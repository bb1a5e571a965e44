// Keeps every file of one version of the page. The build puts the version and the files in.
const { VERSION, FILES } = self.CONNLINT_PAGE;
const NAME = `connlint ${self.registration.scope} `;

self.addEventListener("install", (event) => {
  // Past the browser's own cache, so that no file of an older version gets in.
  const fresh = FILES.map((file) => new Request(new URL(file, self.registration.scope), { cache: "reload" }));
  event.waitUntil(caches.open(NAME + VERSION).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(NAME) && name !== NAME + VERSION) await caches.delete(name);
    }
  };
  event.waitUntil(old());
});

self.addEventListener("message", ({ data }) => data === "take over" && self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  const path = new URL(request.url);
  path.search = "";
  path.hash = "";
  const kept = async () => {
    const cache = await caches.open(NAME + VERSION);
    return (await cache.match(path.href)) ?? fetch(request);
  };
  event.respondWith(kept());
});
