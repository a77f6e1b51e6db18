/* Two versions of one thing, side by side; nothing is lost until somebody chooses, and even then the other may stay. */
{
  const field = (self.certifyField ??= {});
  const { el, say, button, notice, link, typed, moment } = field.dom;

  async function choose(conflict, choice, kept) {
    await field.outbox.choose(conflict, choice, kept);
    field.go("");
    field.sendSoon();
  }

  const pair = (title, mine, theirs) =>
    el("section", { class: "card field-pair" }, el("h2", {}, title), el("dl", {},
      el("div", {}, el("dt", {}, say("onDevice")), el("dd", {}, mine)), el("div", {}, el("dt", {}, say("onServer")), el("dd", {}, theirs))));

  function ofEntry(conflict, data) {
    const { payload, answer } = conflict;
    const form = data.forms[payload.form] ?? [];
    const same = (one) => JSON.stringify(payload.fields[one.code] ?? "") === JSON.stringify(answer.fields[one.code] ?? "");
    const asked = form.filter((one) => one.kind !== "files" && !same(one));
    return [
      asked.map((one) => pair(one.label, field.shownText(one, payload.fields[one.code]), field.shownText(one, answer.fields[one.code]))),
      el("div", { class: "form-actions" },
        button("btn-primary", say("keepBoth"), () => choose(conflict, "both"), "copy"),
        button("btn-outline-primary", say("keepMine"), () => choose(conflict, "mine"), "phone"),
        button("btn-outline-primary", say("keepTheirs"), () => choose(conflict, "theirs"), "laptop")),
      el("p", { class: "hint" }, say("bothHint")),
    ];
  }

  function ofSheet(conflict, data) {
    const { payload, answer } = conflict;
    const meeting = data.meetings.find((one) => one.id === conflict.subject);
    const names = Object.fromEntries((meeting?.seats ?? []).map(({ id, name }) => [id, name]));
    const yesNo = (value) => value === null || value === undefined ? say("nothingNoted") : say(value ? "yes" : "no");
    const asked = answer.clashes.map((id) => [id, names[id] ?? say("participant"), field.saidOf(payload.marks[id]), field.saidOf(answer.marks[id])]);
    if (answer.facilitator_clashes) asked.push(["facilitator", say("facilitatorPresent"), yesNo(payload.facilitator_present), yesNo(answer.facilitator_present)]);
    const option = (id, code, label, said) => el("label", { class: "choice" },
      el("input", { type: "radio", class: "form-check-input", name: `choice-${id}`, value: code, checked: code === "mine" }),
      el("span", {}, el("span", { class: "muted" }, label), el("br"), el("strong", {}, said)));
    const element = el("form", { class: "form" },
      asked.map(([id, name, mine, theirs]) => el("fieldset", { class: "field card field-clash" }, el("legend", {}, id === "facilitator" ? name : typed(name)),
        option(id, "mine", say("onDevice"), mine), option(id, "theirs", say("onServer"), theirs))),
      el("div", { class: "form-actions" }, el("button", { type: "submit", class: "btn btn-primary" }, say("keepChoices")), link("btn-quiet", say("back"), "#")));
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = new FormData(element);
      const kept = asked.map(([id]) => id).filter((id) => chosen.get(`choice-${id}`) === "mine");
      choose(conflict, "theirs", kept);
    });
    return [element];
  }

  field.views = { ...field.views };
  field.views.conflict = async ([id], data) => {
    const conflict = await field.store.operation(id);
    if (conflict?.state !== "conflict" || conflict.person !== data.person) return null;
    const isEntry = conflict.kind === "entry";
    return {
      title: say(isEntry ? "conflictTitle" : "sheetConflictTitle"),
      lead: say("conflictLead"),
      content: [
        notice("warning", "exclamation-triangle", say("conflictWhen", { mine: moment(conflict.made_at), theirs: moment(conflict.answer.saved_at) })),
        isEntry ? ofEntry(conflict, data) : ofSheet(conflict, data),
      ],
    };
  };
}
