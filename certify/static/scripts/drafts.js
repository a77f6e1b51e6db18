/* Nothing typed is lost.
   form[data-keep]            a copy of what is typed stays on this device until the form is accepted
   form[data-autosave="url"]  saved by itself two seconds after the last change; the copy is the fallback when that fails
   The server answers an automatic save with {"saved_at": …, "revision": …}, or {"message": …} and 401, 409, 422. */
const { say, clock } = window.certify;
const PREFIX = "certify:kept:";
const SENT = "certify:sent";
const DAYS_KEPT = 30;
const NEVER_KEPT = new Set(["csrf_token", "_receipt", "revision", "next"]);
const person = document.body.dataset.person ?? "";

/* A page inside a course has another address at each visit; what was typed in it is found again all the same. */
const place = () => location.pathname.replace(/^.*?\/l\/[\w-]{16,32}(?=\/)/, "");

/* In the frame of another site a browser may refuse to keep anything: then this page's own memory has to do. */
function kept(name) {
  try { return window[name]; } catch {
    const memory = new Map();
    return {
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, value) => memory.set(key, value),
      removeItem: (key) => memory.delete(key),
      get keys() { return [...memory.keys()]; },
    };
  }
}
const lasting = kept("localStorage");
const passing = kept("sessionStorage");

const keyOf = (form) => `${PREFIX}${person}:${place()}:${form.id || form.getAttribute("name") || ""}`;
const storage = {
  read(key) {
    try { return JSON.parse(lasting.getItem(key)); } catch { return null; }
  },
  write(key, value) {
    try { lasting.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
  },
  drop(key) { lasting.removeItem(key); },
  keys() { return (lasting.keys ?? Object.keys(lasting)).filter((key) => key.startsWith(PREFIX)); },
};

function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => {
    const control = form.elements[name];
    return typeof value === "string" && !NEVER_KEPT.has(name) && control?.type !== "password" && control?.type !== "hidden";
  });
}
let isSigningOut = false;
const keep = (form) => isSigningOut || storage.write(keyOf(form), { at: Date.now(), values: typed(form) });

function fill(form, values) {
  const byName = Map.groupBy ? Map.groupBy(values, ([name]) => name) : values.reduce((map, pair) => map.set(pair[0], [...(map.get(pair[0]) ?? []), pair]), new Map());
  for (const control of form.elements) {
    if (!control.name || NEVER_KEPT.has(control.name) || ["file", "password", "hidden", "submit", "button"].includes(control.type)) continue;
    const wanted = (byName.get(control.name) ?? []).map(([, value]) => value);
    if (control.type === "radio" || control.type === "checkbox") control.checked = wanted.includes(control.value);
    else if (control.multiple) for (const option of control.options) option.selected = wanted.includes(option.value);
    else if (wanted.length) control.value = wanted[0];
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function offer(form, copy) {
  const notice = document.createElement("div");
  notice.className = "notice is-warning";
  notice.setAttribute("role", "status");
  const body = document.createElement("div");
  const when = new Date(copy.at);
  const text = document.createElement("p");
  text.textContent = say("restoreFound", { when: `${when.toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "long" })}, ${clock(when)}` });
  const row = document.createElement("div");
  row.className = "cluster";
  const button = (style, label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `btn ${style}`;
    made.textContent = label;
    made.addEventListener("click", () => { notice.remove(); act(); });
    row.append(made);
  };
  button("btn-outline-primary", say("restore"), () => fill(form, copy.values));
  button("btn-quiet", say("forget"), () => storage.drop(keyOf(form)));
  body.append(text, row);
  notice.append(body);
  form.prepend(notice);
}

/* What was sent from the page before: accepted if this page neither shows the same form nor says that it was not. */
function settle(forms) {
  const sent = passing.getItem(SENT);
  passing.removeItem(SENT);
  const isHere = forms.some((form) => keyOf(form) === sent);
  if (sent && !isHere && !document.querySelector("[data-not-accepted]")) storage.drop(sent);
  const limit = Date.now() - DAYS_KEPT * 86_400_000;
  for (const key of storage.keys()) if ((storage.read(key)?.at ?? 0) < limit) storage.drop(key);
}

function watch(form) {
  const copy = storage.read(keyOf(form));
  if (copy && JSON.stringify(copy.values) === JSON.stringify(typed(form))) storage.drop(keyOf(form));
  else if (copy && !form.querySelector("[aria-invalid]")) offer(form, copy);
  window.addEventListener("submit", (event) => {
    if (event.target !== form || event.defaultPrevented) return;
    keep(form);
    passing.setItem(SENT, keyOf(form));
  });
  if (!form.dataset.autosave) {
    let timer;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 400); });
    window.addEventListener("pagehide", () => { if (timer && !form.dataset.sent) keep(form); });
  }
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]");
    this.isDirty = false;
    this.isStopped = false;
    this.flight = null;
    form.addEventListener("input", () => this.later());
    form.addEventListener("change", () => this.later());
    form.addEventListener("submit", (event) => this.finishFirst(event));
    window.addEventListener("online", () => { if (this.isDirty) this.save(); });
    window.addEventListener("pagehide", () => { if (this.isDirty && !form.dataset.sent) keep(form); });
  }

  later() {
    this.isDirty = true;
    if (this.isStopped) { keep(this.form); return; }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 2000);
  }

  /* A save still on its way would change the revision under the form being sent. */
  async finishFirst(event) {
    clearTimeout(this.timer);
    if (!this.flight || event.defaultPrevented) return;
    event.preventDefault();
    const submitter = event.submitter;
    await this.flight;
    clearTimeout(this.timer);
    this.form.requestSubmit(submitter);
  }

  async save() {
    if (this.flight || this.isStopped) return;
    this.isDirty = false;
    this.tell(say("saving"));
    this.flight = this.send();
    await this.flight;
    this.flight = null;
    if (this.isDirty && !this.isStopped) this.later();
  }

  async send() {
    const body = new FormData(this.form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    let response;
    try {
      response = await fetch(this.form.dataset.autosave, { method: "POST", body, headers: { "X-Requested-With": "autosave", Accept: "application/json" } });
    } catch {
      this.trouble("keptOffline");
      this.isDirty = true;
      return;
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) this.accept(answer);
    else if (response.status === 401) this.trouble("keptSignedOut");
    else if (response.status === 409) { this.isStopped = true; this.trouble("keptConflict", answer.message); }
    else this.trouble("keptRefused", answer.message);
  }

  accept(answer) {
    const revision = this.form.elements.revision;
    if (revision && answer.revision !== undefined) revision.value = answer.revision;
    if (!this.isDirty) storage.drop(keyOf(this.form));
    this.tell(say("saved", { time: clock(answer.saved_at ? new Date(answer.saved_at) : new Date()) }));
  }

  trouble(key, message) {
    keep(this.form);
    this.tell([message, say(key)].filter(Boolean).join(" "), true);
  }

  tell(text, isTrouble = false) {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.classList.toggle("is-trouble", isTrouble);
  }
}

const forms = [...document.querySelectorAll("form[data-keep], form[data-autosave]")];
settle(forms);
for (const form of forms) watch(form);
for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);

/* Signing out on a shared computer leaves nothing behind. */
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-sign-out]")) return;
  isSigningOut = true;
  for (const key of storage.keys()) storage.drop(key);
});
