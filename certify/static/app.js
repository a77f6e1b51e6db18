/* What every page gets. Nothing here is needed for a page to work: it saves steps and mistakes.
   The scripts share `certify` on the window rather than import one another: each is asked for under an address made from its
   content, which an import inside a script could not know. Their words come from <template id="wording">. */
const words = document.getElementById("wording")?.dataset ?? {};
const say = (key, values = {}) => (words[key] ?? "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const clock = (date) =>
  say("time", { hours: date.getHours(), minutes: String(date.getMinutes()).padStart(2, "0") }).replaceAll(" ", "\u00a0");
const weigh = (bytes) => {
  const format = (value, digits) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  return bytes < 1e6 ? say("kilobytes", { size: format(bytes / 1e3, 0) }) : say("megabytes", { size: format(bytes / 1e6, 1) });
};
window.certify = Object.freeze({ say, clock, weigh });

/* A refused form: the summary speaks first, its links lead into the fields. */
document.querySelector("[data-error-summary]")?.focus();
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("fieldset, div") ? field.querySelector("input, select, textarea") ?? field : field;
  control.focus();
  (control.labels?.[0] ?? field).scrollIntoView({ block: "center" });
});

/* Menus made of <details> close like menus. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* data-confirm="question" on a form or on a submit button. */
function ask(question, label, proceed) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const text = document.createElement("p");
  text.id = "dialog-question";
  text.textContent = question;
  const row = document.createElement("div");
  row.className = "form-actions";
  const button = (style, words_) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `btn ${style}`;
    made.textContent = words_;
    row.append(made);
    return made;
  };
  const yes = button("btn-primary", label);
  const no = button("btn-quiet", say("cancel"));
  dialog.setAttribute("aria-labelledby", text.id);
  dialog.append(text, row);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => { dialog.close(); proceed(); });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  const asker = event.submitter?.dataset.confirm ? event.submitter : form;
  if (event.defaultPrevented || !asker.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  const submitter = event.submitter;
  ask(asker.dataset.confirm, asker.dataset.confirmLabel || submitter?.textContent.trim() || say("confirm"), () => {
    form.dataset.confirmed = "1";
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  });
});

/* A form is sent once. The button is not disabled, or its name and value would not be sent.
   On the window, so that every other listener has had its say. */
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 8000);
});
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

/* Counters under long texts. */
function count(counter) {
  const area = document.getElementById(counter.dataset.counter);
  if (!area) return;
  const left = Number(counter.dataset.limit) - area.value.length;
  const used = area.value.length / Number(counter.dataset.limit);
  counter.classList.toggle("is-over", left < 0);
  if (used > 0.8) counter.textContent = say(left < 0 ? "charactersOver" : "charactersLeft", { count: Math.abs(left).toLocaleString(document.documentElement.lang) });
}
document.addEventListener("input", (event) => {
  const counter = event.target.id && document.querySelector(`[data-counter="${CSS.escape(event.target.id)}"]`);
  if (counter) count(counter);
});
document.querySelectorAll("[data-counter]").forEach(count);

/* data-filter="id of the list": a search box above a long list of choices. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const showsSome = (title) => {
  for (let next = title.nextElementSibling; next && !next.matches(".choices-group"); next = next.nextElementSibling) if (!next.hidden) return true;
  return false;
};
for (const tools of document.querySelectorAll("[data-filter]")) {
  const list = document.getElementById(tools.dataset.filter);
  const box = tools.querySelector("input");
  const tally = tools.querySelector("[data-filter-count]");
  const none = tools.querySelector("[data-filter-none]");
  const choices = [...(list?.querySelectorAll("label") ?? [])];
  const show = () => {
    const wanted = plain(box.value.trim()).split(/\s+/);
    for (const choice of choices) choice.hidden = !wanted.every((word) => plain(choice.textContent).includes(word));
    for (const group of list?.querySelectorAll("details") ?? []) {
      const found = group.querySelector("label:not([hidden])");
      group.hidden = !found;
      if (box.value.trim()) group.open = Boolean(found);
    }
    for (const title of list?.querySelectorAll(".choices-group") ?? []) title.hidden = !showsSome(title);
    if (none) none.hidden = choices.some((choice) => !choice.hidden);
    if (tally) tally.textContent = say("selected", { count: choices.filter((choice) => choice.querySelector(":checked")).length });
  };
  tools.hidden = false;
  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  list?.addEventListener("change", show);
  show();
}

/* Copy what an element holds: <button data-copy="id" hidden>. */
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
    button.textContent = say("copied");
  });
}

/* The network comes and goes. */
const offline = document.querySelector("[data-offline-banner]");
const showNetwork = () => { if (offline) offline.hidden = navigator.onLine; };
window.addEventListener("online", showNetwork);
window.addEventListener("offline", showNetwork);
showNetwork();
