/* Making what the page shows. Whatever people typed goes in as text, never as markup. */
{
  const field = (self.certifyField ??= {});
  const words = document.getElementById("field-words")?.dataset ?? {};
  const icons = document.getElementById("field-icons")?.content;

  const say = (key, values = {}) => (words[key.replace(/-(\w)/g, (all, letter) => letter.toUpperCase())] ?? "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const count = (key, number) => say(number < 2 ? `${key}One` : `${key}Many`, { count: number });

  function el(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (["value", "checked", "disabled", "htmlFor", "selected"].includes(key)) made[key] = value;
      else made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
    return made;
  }

  const icon = (name) => icons?.querySelector(`[data-icon="${name}"]`)?.firstElementChild.cloneNode(true) ?? "";
  const button = (style, label, act, sign, more = {}) =>
    el("button", { type: "button", class: `btn ${style}`, onclick: act, ...more }, sign ? icon(sign) : null, label);
  const link = (style, label, href, sign) => el("a", { class: `btn ${style}`, href }, sign ? icon(sign) : null, label);
  const notice = (tone, sign, ...children) => el("div", { class: `notice is-${tone}` }, icon(sign), el("div", {}, ...children));
  const SIGNS = { ok: "check-lg", warning: "exclamation-triangle", danger: "x-lg" };
  const badge = (label, tone) => el("span", { class: `badge-state is-${tone}` }, SIGNS[tone] ? icon(SIGNS[tone]) : null, el("span", {}, label));
  const typed = (text) => el("span", { "data-user-text": true }, text);

  const language = () => document.documentElement.lang;
  const day = (text) => text ? new Date(`${text}T12:00:00`).toLocaleDateString(language(), { day: "numeric", month: "long", year: "numeric" }) : "";
  const time = (date) => say("time", { hours: date.getHours(), minutes: String(date.getMinutes()).padStart(2, "0") });
  function moment(text) {
    const date = new Date(text);
    const isToday = date.toDateString() === new Date().toDateString();
    return isToday ? say("todayAt", { time: time(date) }) : `${date.toLocaleDateString(language(), { day: "numeric", month: "long" })}, ${time(date)}`;
  }
  const weigh = (bytes) => say("megabytes", { size: (bytes / 1048576).toLocaleString(language(), { maximumFractionDigits: 1 }) });

  /* Ask before something is lost; the answer is true or false. */
  function ask(question, label) {
    return new Promise((resolve) => {
      const dialog = el("dialog", { class: "dialog", "aria-labelledby": "field-question" },
        el("p", { id: "field-question" }, question),
        el("div", { class: "form-actions" },
          button("btn-primary", label, () => dialog.close("yes")), button("btn-quiet", say("cancel"), () => dialog.close("no"))));
      dialog.addEventListener("close", () => { resolve(dialog.returnValue === "yes"); dialog.remove(); });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  field.dom = { say, count, el, icon, button, link, notice, badge, typed, day, time, moment, weigh, ask };
}
