/* Writing an entry on this device. What is typed is kept here at each pause; it leaves when the network is there. */
{
  const field = (self.certifyField ??= {});
  const { el, say, button, icon, notice, link } = field.dom;
  const PAUSE = 400;

  const today = () => new Date().toLocaleDateString("sv-SE");
  field.activityOf = (data, code) => data.activities.find((one) => one.code === code);

  /* What the device knows of an entry: what was typed here last, or what the server had, or a new one. */
  async function known(id, activity, data) {
    const operations = await field.outbox.ofSubject("entry", id);
    const last = operations.at(-1);
    const draft = data.drafts.find((one) => one.id === id);
    if (last) return { ...last.payload, operation: last, draft, form: last.payload.form };
    if (draft) return { activity: draft.activity, form: draft.form, fields: draft.fields, draft };
    const key = field.activityOf(data, activity)?.form;
    if (!key) return null;
    const fields = Object.fromEntries(data.forms[key].filter((one) => one.start).map((one) => [one.code, one.start]));
    return { activity, form: key, fields: { happened_on: today(), ...fields } };
  }

  async function baseOf(id, from) {
    const data = await field.store.data(await field.store.person());
    return { activity: from.activity, form: from.form, revision: data.drafts.find((one) => one.id === id)?.revision ?? 0 };
  }

  field.views = { ...field.views };
  field.views.entry = async ([id, activity], data) => {
    const from = await known(id, activity, data);
    if (!from) return null;
    if (from.operation?.state === "conflict") return field.views.conflict([from.operation.id], data);
    const form = data.forms[from.form] ?? data.forms[field.activityOf(data, from.activity)?.form];
    const status = el("p", { class: "saved", role: "status" });
    const element = el("form", { class: "form", id: "field-entry", novalidate: true }, field.formFields(form, from.fields, data.blocks));
    let timer = null;
    let isDirty = !from.operation && !from.draft;

    async function keep() {
      clearTimeout(timer);
      timer = null;
      if (!isDirty) return;
      isDirty = false;
      const base = await baseOf(id, from);
      try {
        await field.outbox.keep("entry", id, { fields: { ...from.fields, ...field.formValues(form, element) } }, base);
      } catch {
        isDirty = true;
        status.replaceChildren(icon("exclamation-triangle"), el("span", {}, say("notKept")));
        throw new Error("not kept");
      }
      status.replaceChildren(icon("check-lg"), el("span", {}, say("keptAt", { time: field.dom.time(new Date()) })));
    }
    const later = () => { isDirty = true; clearTimeout(timer); timer = setTimeout(() => keep().catch(() => null), PAUSE); };
    element.addEventListener("input", later);
    element.addEventListener("change", later);
    element.addEventListener("submit", async (event) => {
      event.preventDefault();
      isDirty = isDirty || !from.draft;
      try { await keep(); } catch { return; }
      field.go("");
      field.sendSoon();
    });
    // Leaving the page does not wait for the pause. A form nobody touched leaves nothing behind.
    field.leave = () => (timer ? keep().catch(() => null) : null);
    const asksFiles = form.some((one) => one.kind === "files");
    element.append(
      asksFiles ? field.photosOf(id, from.draft?.files ?? [], () => { isDirty = isDirty || !from.draft; return keep(); }) : "",
      el("div", { class: "form-actions" },
        el("button", { type: "submit", class: "btn btn-primary" }, icon("save"), say("keepEntry")),
        link("btn-quiet", say("back"), "#"), status));
    const refused = from.operation?.state === "refused"
      ? notice("danger", "exclamation-circle", el("strong", {}, say("refusedTitle")), el("p", {}, from.operation.message || say("refusedGone"))) : "";
    return { title: field.activityOf(data, from.activity)?.label ?? say("entry"), lead: say("entryLead"), content: [refused, element] };
  };

  field.views.new = async (_parts, data) => ({
    title: say("newEntry"),
    lead: say("newLead"),
    content: [
      el("ul", { class: "links-list card" }, data.activities.map((one) =>
        el("li", {}, el("a", { href: `#entry/${crypto.randomUUID()}/${one.code}` }, el("strong", {}, one.label), el("span", {}, one.explanation))))),
      el("p", {}, link("btn-quiet", say("back"), "#", "arrow-left")),
    ],
  });
}
