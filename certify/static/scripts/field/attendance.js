/* Who came to a meeting: everybody present in one tap, then the few who were not. */
{
  const field = (self.certifyField ??= {});
  const { el, say, button, icon, notice, link, typed } = field.dom;
  const PRESENCES = ["present", "excused", "absent"];

  field.saidOf = (said) => !said ? say("nothingNoted") : say(said.presence) + (said.second_parent ? ` ${say("andSecond")}` : "");

  async function known(meeting) {
    const last = (await field.outbox.ofSubject("attendance", meeting.id)).at(-1);
    const sheet = { marks: {}, ...meeting.sheet };
    if (!last) return { last, ...sheet };
    const { marks, facilitator_present: present } = last.payload;
    return { last, marks: { ...sheet.marks, ...marks }, facilitator_present: present ?? sheet.facilitator_present };
  }

  const segment = (name, options, value) =>
    el("div", { class: "segmented" }, options.map((code) =>
      el("label", {}, el("input", { type: "radio", name, value: code, checked: value === code }), el("span", {}, say(code)))));

  function row(seat, said) {
    return el("fieldset", { class: "field-seat", id: `seat-${seat.id}` },
      el("legend", {}, typed(seat.name)),
      segment(`presence-${seat.id}`, PRESENCES, said?.presence),
      el("label", { class: "choice" }, el("input", { type: "checkbox", class: "form-check-input", name: `second-${seat.id}`, checked: said?.second_parent === true }), el("span", {}, say("secondParent"))));
  }

  /* What the sheet says of those about whom something is chosen. */
  function read(element, meeting) {
    const data = new FormData(element);
    const marks = {};
    for (const { id } of meeting.seats) {
      const presence = data.get(`presence-${id}`);
      if (presence) marks[id] = { presence, second_parent: presence === "present" && data.has(`second-${id}`) };
    }
    const present = data.get("facilitator");
    return { marks, facilitator_present: present === null ? null : present === "yes" };
  }

  field.views = { ...field.views };
  field.views.meeting = async ([id], data) => {
    const meeting = data.meetings.find((one) => one.id === id);
    if (!meeting) return null;
    const now = await known(meeting);
    if (now.last?.state === "conflict") return field.views.conflict([now.last.id], data);
    const tally = el("p", { class: "saved", role: "status" });
    const asYesNo = { true: "yes", false: "no" }[String(now.facilitator_present)];
    const everybody = button("btn-outline-primary btn-wide", say("allPresent"), () => {
      for (const control of element.querySelectorAll('.field-seat input[value="present"]')) control.checked = true;
      element.dispatchEvent(new Event("change"));
    }, "check2-square");
    const element = el("form", { class: "form", id: "field-sheet" },
      everybody,
      el("div", { class: "field-seats card card-flush" }, meeting.seats.map((seat) => row(seat, now.marks[seat.id]))),
      el("fieldset", { class: "field" }, el("legend", {}, say("facilitatorPresent")), segment("facilitator", ["yes", "no"], asYesNo)),
      el("div", { class: "form-actions" }, el("button", { type: "submit", class: "btn btn-primary" }, icon("save"), say("keepSheet")), link("btn-quiet", say("back"), "#"), tally));
    const count = () => { tally.textContent = say("noted", { done: Object.keys(read(element, meeting).marks).length, total: meeting.seats.length }); };
    element.addEventListener("change", count);
    count();
    element.addEventListener("submit", async (event) => {
      event.preventDefault();
      await field.outbox.keep("attendance", id, read(element, meeting), { base: meeting.sheet });
      field.go("");
      field.sendSoon();
    });
    const refused = now.last?.state === "refused" ? notice("danger", "exclamation-circle", el("strong", {}, say("refusedTitle")), el("p", {}, now.last.message || say("refusedGone"))) : "";
    const where = [meeting.when, meeting.place].filter(Boolean).join(" · ");
    return { title: say("attendanceOf", { group: meeting.group }), lead: where, content: [refused, meeting.seats.length ? element : notice("neutral", "people", say("nobody"))] };
  };
}
