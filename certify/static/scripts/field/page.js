/* The page of the field: which view is shown, whether there is a network, and when what waits is sent. */
{
  const field = (self.certifyField ??= {});
  const { store } = field;
  const { el, say, link, notice } = field.dom;
  const root = document.getElementById("field");
  const title = document.querySelector("h1");
  const lead = document.getElementById("field-lead");
  const status = document.getElementById("field-status");
  const RETRY = 45_000;
  const suffix = document.title.slice(document.title.indexOf(" · "));
  let outcome = "";

  field.addresses = JSON.parse(root.dataset.addresses);
  field.largestPhoto = Number(root.dataset.largestPhoto);
  field.conflictsPage = root.dataset.conflicts;
  field.go = (hash) => { if (location.hash.slice(1) === hash) show(); else location.hash = hash; };

  const unknown = (isKnown) => ({
    title: say("title"), lead: say("lead"),
    content: notice("neutral", isKnown ? "hourglass-split" : "box-arrow-in-right", say(isKnown ? "noData" : "nobodyHere"),
      el("p", {}, link("btn-outline-primary", say("signIn"), root.dataset.signIn))),
  });

  async function viewOf(name, parts) {
    const person = await store.person();
    const data = person && (await store.data(person));
    if (!data) return unknown(Boolean(person));
    const view = Object.hasOwn(field.views, name) ? await field.views[name](parts, data) : null;
    return view ?? field.views.home([], data);
  }

  let shownHash = null;
  let turn = 0;
  async function show() {
    const mine = ++turn;
    const hash = location.hash.slice(1);
    if (hash !== shownHash) await field.leave?.();
    const [name, ...parts] = (hash || "home").split("/");
    const view = await viewOf(name, parts);
    if (mine !== turn) return;
    const hasMoved = shownHash !== null && hash !== shownHash;
    if (hash !== shownHash) { field.leave = null; field.show = null; }
    shownHash = hash;
    title.textContent = view.title;
    document.title = view.title + suffix;
    lead.textContent = view.lead;
    root.replaceChildren(...[view.content].flat(3).filter(Boolean));
    root.removeAttribute("aria-busy");
    if (hasMoved) { title.focus(); scrollTo(0, 0); }
  }

  /* A view in which somebody is writing is left alone; only its parts that show what waits look again. */
  let seen = "";
  async function look() {
    const person = await store.person();
    const all = person ? await store.operations(person) : [];
    showStatus(field.outbox.count(all));
    const now = JSON.stringify([person, (await store.data(person ?? ""))?.at, all.map((one) => [one.id, one.state, one.made_at])]);
    if (now === seen) return;
    seen = now;
    if (["", "home"].includes(location.hash.slice(1))) await show();
    else field.show?.();
  }

  const SIGNS = { "signed-out": "box-arrow-in-right", sending: "arrow-repeat", offline: "wifi-off", busy: "hourglass-split" };
  function showStatus(waiting) {
    const how = outcome !== "signed-out" && !navigator.onLine ? "offline" : outcome;
    const isShown = how === "offline" || (SIGNS[how] && waiting);
    status.hidden = !isShown;
    if (!isShown) { status.replaceChildren(); return; }
    const kept = waiting ? field.dom.count("kept", waiting) : "";
    const words = [how === "offline" || how === "busy" ? say(`status-${how}`) : "", kept].filter(Boolean).join(" · ") || say(`status-${how}`);
    status.replaceChildren(field.dom.icon(SIGNS[how]), el("span", {}, how === "signed-out" ? say("status-signed-out") : how === "sending" ? say("status-sending") : words),
      how === "signed-out" ? el("a", { href: root.dataset.signIn }, say("signIn")) : "");
  }

  let isAgain = false;
  let running = null;
  field.sendSoon = () => {
    if (running) { isAgain = true; return running; }
    running = (async () => {
      do {
        isAgain = false;
        outcome = "sending";
        look();
        outcome = await field.send().catch(() => "busy");
      } while (isAgain);
      running = null;
      await look();
    })();
    return running;
  };

  const isWriting = () => /^(entry|meeting)/.test(location.hash.slice(1));
  async function retry() {
    if (!navigator.onLine || document.hidden || isWriting()) return;
    const person = await store.person();
    if (person && (await store.operations(person)).some((one) => one.state === "waiting" || one.state === "sending")) field.sendSoon();
  }

  store.onChange(look);
  addEventListener("hashchange", show);
  addEventListener("online", () => field.sendSoon());
  addEventListener("offline", () => { outcome = "offline"; look(); });
  addEventListener("pagehide", () => field.leave?.());
  document.addEventListener("visibilitychange", () => { if (document.hidden) field.leave?.(); else retry(); });
  setInterval(retry, RETRY);
  (async () => {
    try {
      localStorage.setItem("certify:field", "1");
      await field.forgetWhoLeft();
      await field.identify();
      await show();
      field.sendSoon();
    } catch {
      // A private window, or a browser told to keep nothing.
      root.replaceChildren(notice("warning", "exclamation-triangle", say("noStorage")));
    }
  })();
}
