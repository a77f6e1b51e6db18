/* On every page of somebody who writes entries: say what waits on this device, ask before signing out over it, and have the
   page of the field kept for the day there is no network. Silent, and nothing is opened, where the field was never used. */
{
  const field = (self.certifyField ??= {});
  const banner = document.querySelector("[data-waiting-banner]");
  const person = document.body.dataset.person;
  const isInstalling = document.querySelector("link[rel=manifest]") !== null && window.top === window;
  const IDLE = 4000;

  async function count() {
    const waiting = field.outbox.count(await field.store.operations(person));
    const words = (key) => (banner.dataset[key + (waiting < 2 ? "One" : "Many")] ?? "").replace("{count}", waiting);
    banner.hidden = waiting === 0;
    banner.querySelector("a").textContent = words(navigator.onLine ? "kept" : "offline");
    for (const form of document.querySelectorAll("form[data-sign-out]")) {
      if (waiting) form.dataset.confirm = words("leaving");
      else delete form.dataset.confirm;
    }
  }

  async function start() {
    await field.forgetWhoLeft();
    await field.store.bePersonOnce(person);
    field.store.onChange(count);
    for (const name of ["online", "offline"]) addEventListener(name, count);
    await count();
  }

  async function install() {
    try { await navigator.serviceWorker.register(document.body.dataset.worker ?? banner.dataset.worker); } catch { /* Another visit will. */ }
  }

  addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches("form[data-sign-out]") || !localStorage.getItem("certify:field")) return;
    // Written at once, since the page is about to go.
    localStorage.setItem("certify:field:left", "1");
    field.store.leave();
  });
  if (banner && person && localStorage.getItem("certify:field")) start();
  if (isInstalling && "serviceWorker" in navigator) setTimeout(install, document.body.dataset.worker ? 0 : IDLE);
}
