/* Behind every page: the page of the field opens without a network, any other says that there is none, and what waits is
   sent when the network comes back. Pages that speak of somebody are never kept. */
{
  const field = self.certifyField;
  const KEPT = `certify-field-${field.version}`;
  const PATIENCE = 4000;
  const PAGES = { [field.shell]: "same-origin", [field.offline]: "omit", [field.procedure]: "omit" };

  async function keepPage(cache, address) {
    const response = await fetch(address, { credentials: PAGES[address], cache: "reload" });
    if (!response.ok || response.redirected) throw new TypeError(address);
    await cache.put(address, response);
  }

  self.addEventListener("install", (event) => {
    event.waitUntil((async () => {
      const cache = await caches.open(KEPT);
      await cache.addAll(field.files);
      for (const address of Object.keys(PAGES)) await keepPage(cache, address);
      await self.skipWaiting();
    })());
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
      for (const name of await caches.keys()) if (name.startsWith("certify-field-") && name !== KEPT) await caches.delete(name);
      await self.clients.claim();
    })());
  });

  const kept = async (address) => (await caches.open(KEPT)).match(address, { ignoreVary: true });

  /* The network first; a phone between two networks does not wait for ever for a page it has. */
  async function network(request, patience) {
    const response = await fetch(request, patience ? { signal: AbortSignal.timeout(patience) } : undefined);
    if (response.status >= 500) throw new TypeError(request.url);
    return response;
  }

  async function openField(request) {
    try { return await network(request, PATIENCE); } catch { return (await kept(field.shell)) ?? fetch(request); }
  }

  async function openOther(request, path) {
    try {
      return await fetch(request);
    } catch {
      const isProcedure = path.endsWith("/procedure");
      return (await kept(isProcedure ? field.procedure : field.offline)) ?? Response.error();
    }
  }

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (request.method !== "GET" || address.origin !== self.location.origin) return;
    // What a learning platform opens is none of this script's business.
    if (address.pathname.startsWith(`${field.scope}l/`)) return;
    if (request.mode === "navigate") {
      if (request.headers.has("range")) return;
      event.respondWith(address.pathname === field.shell ? openField(request) : openOther(request, address.pathname));
    } else if (field.files.includes(address.pathname + address.search)) {
      event.respondWith(kept(request.url).then((found) => found ?? fetch(request)));
    }
  });

  self.addEventListener("sync", (event) => {
    if (event.tag === field.outbox.TAG) event.waitUntil(field.send().then((how) => {
      // Refused here, the browser tries again later by itself.
      if (how === "offline" || how === "busy") throw new Error(how);
    }));
  });
}
