/* A reminder while one writes: an address or a telephone number has no place here. Only a warning; the server reads again,
   with all its rules, before anything is submitted. */
{
  const field = (self.certifyField ??= {});
  const PATTERNS = [
    ["mail", /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/u],
    ["phone", /(?:\+33|0033|\b0)[ .-]?[1-9](?:[ .-]?\d{2}){4}\b/u],
    ["number", /\b[12][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2])[ .]?\d{2}[ .]?\d{3}[ .]?\d{3}\b/u],
    ["person", /\b(?:M\.|Mme|Mlle|Monsieur|Madame)\s+\p{Lu}\p{L}+/u],
  ];

  field.findIdentifying = (text) =>
    PATTERNS.map(([kind, pattern]) => [kind, text.match(pattern)?.[0]]).filter(([, found]) => found);

  /* Show the reminder under a text area. */
  field.watchIdentifying = (control) => {
    const { el, icon, say } = field.dom;
    const place = el("p", { class: "field-reminder", role: "status" });
    const look = () => {
      const found = field.findIdentifying(control.value);
      place.replaceChildren(...(found.length ? [icon("eye-slash"), el("span", {}, say("identifying", { passages: found.map(([, text]) => text).join(", ") }))] : []));
    };
    control.addEventListener("input", look);
    look();
    return place;
  };
}
