/* The form of an entry, from the document that describes it: the same fields, marks and help as on its own page. */
{
  const field = (self.certifyField ??= {});
  const { el, say, typed } = field.dom;
  const TEXTS = { short_text: "text", number: "text", date: "date", duration: "text", address: "url" };

  const mark = (one) => one.required ? [" ", el("span", { class: "required" }, say("required"))] : null;
  const hint = (one) => one.help ? el("span", { class: "hint", id: `${one.code}-hint` }, one.help) : null;
  const linked = (one) => one.help ? { "aria-describedby": `${one.code}-hint` } : {};
  const asList = (value) => Array.isArray(value) ? value : value ? [value] : [];

  function textField(one, value) {
    const control = el("input", {
      type: TEXTS[one.kind], id: one.code, name: one.code, class: "form-control", autocomplete: "off", value: value ?? "",
      inputmode: one.kind === "number" ? "decimal" : undefined, ...linked(one),
    });
    const reminder = one.kind === "short_text" ? field.watchIdentifying(control) : null;
    return el("div", { class: "field" }, el("label", { for: one.code }, one.label, mark(one)), hint(one), control, reminder);
  }

  function longField(one, value) {
    const control = el("textarea", { id: one.code, name: one.code, class: "form-control", rows: 6, ...linked(one) });
    control.value = value ?? "";
    return el("div", { class: "field" }, el("label", { for: one.code }, one.label, mark(one)), hint(one), control, field.watchIdentifying(control));
  }

  const choice = (one, type, code, label, value) =>
    el("label", { class: "choice" },
      el("input", { type, class: "form-check-input", name: one.code, value: code, checked: asList(value).includes(code) }), el("span", {}, label));

  function group(one, ...children) {
    return el("fieldset", { class: "field", id: one.code, ...linked(one) }, el("legend", {}, one.label, mark(one)), hint(one), ...children);
  }

  function yesNo(one, value) {
    const option = (code) => el("label", {}, el("input", { type: "radio", name: one.code, value: code, checked: value === code }), el("span", {}, say(code)));
    return group(one, el("div", { class: "segmented" }, option("yes"), option("no")));
  }

  const choices = (one, value) => {
    const type = one.kind === "choice" ? "radio" : "checkbox";
    return group(one, el("div", { class: "choices choices-plain" }, one.options.map(({ code, label }) => choice(one, type, code, label, value))));
  };

  function indicators(one, value, blocks) {
    const parts = blocks.map((block) => {
      const ticked = block.indicators.filter(({ code }) => asList(value).includes(code)).length;
      return el("details", { class: "choices-block", open: ticked > 0 },
        el("summary", {}, el("span", { class: `block-tag block-tag-${block.number}` }, el("span", {}, String(block.number)), el("span", {}, block.title)), ticked ? el("span", { class: "small muted" }, field.dom.count("ticked", ticked)) : null),
        block.indicators.map(({ code, wording }) => choice(one, "checkbox", code, [el("span", { class: "code" }, code), " ", wording], value)));
    });
    return group(one, el("div", { class: "choices-blocks" }, parts));
  }

  const MAKERS = { long_text: longField, yes_no: yesNo, choice: choices, choices, indicators };

  /* Return the fields of a form, filled in; files are shown by whoever asks. */
  field.formFields = (form, values, blocks) =>
    form.filter((one) => one.kind !== "files").map((one) => (MAKERS[one.kind] ?? textField)(one, values[one.code], blocks));

  /* Return what is typed, by field: texts, and lists of codes. */
  field.formValues = (form, element) => {
    const data = new FormData(element);
    const values = {};
    for (const one of form) {
      if (one.kind === "files") continue;
      const isList = one.kind === "indicators" || one.kind === "choices";
      values[one.code] = isList ? data.getAll(one.code) : String(data.get(one.code) ?? "");
    }
    return values;
  };

  /* Write one answer as a reader sees it. */
  field.shownValue = (one, value) => {
    if (one.kind === "date") return field.dom.day(value);
    if (one.kind === "yes_no") return value ? say(value) : "";
    const labels = Object.fromEntries((one.options ?? []).map(({ code, label }) => [code, label]));
    return asList(value).map((code) => labels[code] ?? code).join(", ");
  };
  field.shownText = (one, value) => typed(field.shownValue(one, value) || "–");
}
