/* The first view: what waits, then what can be done. */
{
  const field = (self.certifyField ??= {});
  const { el, say, count, button, link, badge, typed, icon, day, moment, ask } = field.dom;
  const TONES = { waiting: "neutral", sending: "neutral", chosen: "neutral", conflict: "warning", refused: "danger" };

  const nameOfEntry = (fields, activity, data) => typed(fields?.title || field.activityOf(data, activity)?.label || say("entry"));

  function nameOf(operations, data) {
    const entry = operations.find((one) => one.kind === "entry");
    const sheet = operations.find((one) => one.kind === "attendance");
    if (entry) return nameOfEntry(entry.payload.fields, entry.payload.activity, data);
    const meeting = sheet && data.meetings.find((one) => one.id === sheet.subject);
    if (sheet) return say("sheetOf", { group: meeting?.group ?? "", when: meeting ? day(meeting.day) : "" });
    const draft = data.drafts.find((one) => one.id === operations[0].subject);
    return draft ? nameOfEntry(draft.fields, draft.activity, data) : say("entry");
  }

  /* The state of a thing is the one of its operations that most asks for somebody. */
  function stateOf(operations, chosen) {
    const states = operations.map((one) => (one.state === "conflict" && chosen.has(one.id) ? "chosen" : one.state));
    return ["conflict", "refused", "sending", "chosen"].find((one) => states.includes(one)) ?? "waiting";
  }

  async function discard(operations, name) {
    const question = say(operations.some((one) => one.kind === "entry") ? "discardEntry" : "discardOther", { name: name.textContent ?? name });
    if (!(await ask(question, say("discard")))) return;
    for (const one of operations) await field.outbox.discard(one);
  }

  function actions(operations, state, name) {
    const asking = operations.find((one) => one.state === state) ?? operations[0];
    const main = operations.find((one) => one.kind !== "photo") ?? asking;
    const open = main.kind === "attendance" ? `#meeting/${main.subject}` : `#entry/${main.subject}`;
    if (state === "conflict") return [link("btn-outline-primary", say("compare"), `#conflict/${asking.id}`)];
    if (state === "sending" || state === "chosen") return [];
    return [
      link("btn-outline-primary", say("open"), open),
      state === "refused" ? button("btn-outline-primary", say("again"), async () => { await field.outbox.again(asking); field.sendSoon(); }) : null,
      state === "refused" && asking.kind === "entry" && asking.payload.revision > 0 ? button("btn-outline-primary", say("makeNew"), async () => { await field.outbox.asNewEntry(asking); field.sendSoon(); }) : null,
      button("btn-link-danger", say("discard"), () => discard(operations, name)),
    ];
  }

  function thing(operations, chosen, data) {
    const state = stateOf(operations, chosen);
    const name = nameOf(operations, data);
    const photos = operations.filter((one) => one.kind === "photo").length;
    const refusal = operations.find((one) => one.state === "refused");
    return el("li", { class: "field-thing", "data-state": state },
      el("div", { class: "field-thing-head" }, el("strong", {}, name), badge(say(`state-${state}`), TONES[state])),
      el("p", { class: "small muted" }, [say("keptOn", { when: moment(operations.at(-1).made_at) }), photos ? count("photo", photos) : ""].filter(Boolean).join(" · ")),
      refusal ? el("p", { class: "field-error" }, icon("exclamation-circle"), el("span", {}, refusal.message || say("refusedGone"))) : null,
      el("div", { class: "cluster" }, actions(operations, state, name)));
  }

  function waiting(all, data) {
    const chosen = new Set(all.filter((one) => one.kind === "resolution").map((one) => one.subject));
    const groups = new Map();
    for (const one of all) if (one.kind !== "resolution") groups.set(one.subject, [...(groups.get(one.subject) ?? []), one]);
    if (!groups.size) return el("section", { class: "card card-quiet field-nothing" }, icon("check-circle"), el("p", {}, say("nothingWaits")));
    const toDecide = [...groups.values()].filter((one) => ["conflict", "refused"].includes(stateOf(one, chosen))).length;
    const toSend = groups.size - toDecide;
    const heading = [toSend ? count("waiting", toSend) : "", toDecide ? count("deciding", toDecide) : ""].filter(Boolean).join(" · ");
    return el("section", { class: "card", "aria-labelledby": "waiting-title" }, el("h2", { id: "waiting-title" }, heading),
      el("ul", { class: "field-things" }, [...groups.values()].map((one) => thing(one, chosen, data))),
      toSend ? button("btn-outline-primary btn-wide", say("send"), field.sendSoon, "send") : null);
  }

  const isPast = (one) => one.is_open || one.day <= new Date().toLocaleDateString("sv-SE");

  function meetings(data) {
    const line = (one) => {
      const done = Object.keys(one.sheet.marks).length;
      const detail = [one.when, one.place, done ? count("noted", done) : isPast(one) ? say("toNote") : ""].filter(Boolean).join(" · ");
      const words = [el("strong", {}, say("attendanceOf", { group: one.group })), el("span", {}, detail)];
      return el("li", {}, isPast(one) ? el("a", { href: `#meeting/${one.id}` }, words) : el("div", { class: "field-later" }, words));
    };
    if (!data.meetings.length) return null;
    const now = data.meetings.filter(isPast).reverse();
    const later = data.meetings.filter((one) => !isPast(one));
    return el("section", { class: "card", "aria-labelledby": "meetings-title" }, el("h2", { id: "meetings-title" }, say("meetings")),
      now.length ? el("ul", { class: "links-list" }, now.map(line)) : el("p", { class: "muted" }, say("noMeeting")),
      later.length ? el("details", { class: "more" }, el("summary", {}, count("later", later.length)), el("ul", { class: "links-list" }, later.map(line))) : null);
  }

  function drafts(all, data) {
    const shown = data.drafts.filter((draft) => !all.some((one) => one.subject === draft.id));
    if (!shown.length) return null;
    return el("section", { class: "card", "aria-labelledby": "drafts-title" }, el("h2", { id: "drafts-title" }, say("drafts")),
      el("ul", { class: "links-list" }, shown.map((one) => el("li", {}, el("a", { href: `#entry/${one.id}` },
        el("strong", {}, nameOfEntry(one.fields, one.activity, data)),
        el("span", {}, [field.activityOf(data, one.activity)?.label, day(one.fields.happened_on), one.is_returned ? say("returned") : ""].filter(Boolean).join(" · ")))))));
  }

  field.views = { ...field.views };
  field.views.home = async (_parts, data) => {
    const all = await field.store.operations(data.person);
    const elsewhere = data.conflicts.filter((id) => !all.some((one) => one.id === id || one.subject === id)).length;
    return {
      title: say("title"), lead: say("lead"),
      content: el("div", { class: "stack" },
        link("btn-primary btn-wide", say("newEntry"), "#new", "plus-lg"),
        elsewhere ? field.dom.notice("warning", "exclamation-triangle", el("a", { href: field.conflictsPage }, count("elsewhere", elsewhere))) : null,
        waiting(all, data), meetings(data), drafts(all, data),
        el("p", { class: "small muted" }, say("freshness", { when: moment(data.at) }))),
    };
  };
}
